/** True for an address with a user name or password in it, `https://ben:secret@example.com`, or one that is none. */
export function namesUser(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || parsed.username !== '' || parsed.password !== '';
}
