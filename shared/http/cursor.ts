import { createHash } from 'node:crypto';
import { Failure } from '#shared/failure.ts';

/** Binds a cursor to whom and what it was given for: the route, the owner, every filter. */
function seal(query: unknown): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 16);
}

/** A cursor for the next page of `query`. It names a place in a list, never the list: that comes from the request. */
export function writeCursor(query: unknown, place: unknown): string {
  return Buffer.from(JSON.stringify({ q: seal(query), p: place })).toString('base64url');
}

/**
 * The place that a cursor names.
 * @throws Failure INVALID_CURSOR when it is damaged or was given for another query or owner.
 */
export function readCursor<T>(
  query: unknown,
  cursor: string | undefined,
  isPlace: (place: unknown) => place is T,
): T | undefined {
  if (cursor === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (error) {
    throw new Failure('INVALID_CURSOR', undefined, { cause: error });
  }
  const { q, p } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as {
    q?: unknown;
    p?: unknown;
  };
  if (q !== seal(query) || !isPlace(p)) throw new Failure('INVALID_CURSOR');
  return p;
}

/** True for what a query of the table answers as its place to go on: an object of texts. */
export function isKeyPlace(place: unknown): place is Record<string, string> {
  return (
    typeof place === 'object' &&
    place !== null &&
    Object.values(place).every((part) => typeof part === 'string')
  );
}
