/** Twilio's codes for texts that carriers do not take because the sender lacks its registration: campaign, verification. */
export const unregisteredCodes: readonly string[] = ['30034', '30032'];
