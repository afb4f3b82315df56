/** Twilio's list price of a local number in the US or Canada, as of 2025-06, in US cents a month. */
export const monthlyCents = 115;
