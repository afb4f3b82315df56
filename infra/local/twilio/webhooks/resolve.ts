/** An address as it is written in a document that came from `base`. Absolute ones stay as they are, fragment included. */
export function resolve(address: string, base: string): string {
  if (/^https?:\/\//i.test(address) || !URL.canParse(address, base)) return address;
  return new URL(address, base).href;
}
