/** `(212) 555-0123` for a +1 number, anything else as it is. */
export function nationalFormat(phoneNumber: string): string {
  const [, area, exchange, line] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber) ?? [];
  return area === undefined ? phoneNumber : `(${area}) ${exchange}-${line}`;
}
