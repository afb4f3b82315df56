type Image = Readonly<Record<string, unknown>>;

/**
 * Attribute that names the last write that had a condition. When the reply of such a write is lost and the SDK sends it
 * again, the condition fails because of the first try: what stands there bears the write's own name. Only another
 * conditional write of the same item within the moment between the tries could hide that; a lease ends what is left of it.
 */
export const mark = 'writeId';

/** An item without the mark, as it was given. */
export function unmarked(item: Image): Record<string, unknown> {
  const { [mark]: _, ...given } = item;
  return given;
}

const putBack = 'put-back#';

/** The mark of a write that puts an item back as it stood in a backup. */
export function putBackMark(writeId: string): string {
  return putBack + writeId;
}

/** True for an item that was put back and not written under a condition since. */
export function isPutBack(item: Image | undefined): boolean {
  const writeId = item?.[mark];
  return typeof writeId === 'string' && writeId.startsWith(putBack);
}

/** True when the change between two images of an item is that it was put back, and nothing else. */
export function wasPutBack(before: Image | undefined, after: Image | undefined): boolean {
  return isPutBack(after) && before?.[mark] !== after?.[mark];
}
