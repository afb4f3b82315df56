/** A number as `+` and 8 to 15 digits. */
export function isE164(text: string): boolean {
  return /^\+[1-9]\d{7,14}$/.test(text);
}

/** Whether there can be such a number: one of North America has ten digits, area code and exchange from 2 on. */
export function isPhoneNumber(text: string): boolean {
  return isE164(text) && (!text.startsWith('+1') || /^\+1[2-9]\d{2}[2-9]\d{6}$/.test(text));
}
