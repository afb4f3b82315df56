/** A US or Canadian number as people read it, "(901) 555-0101"; any other as it is. */
export function displayed(phoneNumber: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber);
  return match === null ? phoneNumber : `(${match[1]}) ${match[2]}-${match[3]}`;
}
