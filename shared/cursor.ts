import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { readSecretFields } from '#shared/secrets.ts';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * A cursor for the next page of `query`. It names a place in a list, never the list: that comes from the request. It is
 * encrypted, since a place is made of keys of the table, which hold phone numbers, and bound to `query`: the route, the
 * owner, every filter.
 * @throws Failure OVERLOADED when the key cannot be read
 */
export async function writeCursor(query: unknown, place: unknown): Promise<string> {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, await cursorKey(), nonce).setAAD(bound(query));
  const hidden = Buffer.concat([cipher.update(JSON.stringify(place)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url');
}

/**
 * The place that a cursor names.
 * @throws Failure INVALID_CURSOR when it is damaged or was given for another query or owner, OVERLOADED when the key
 * cannot be read
 */
export async function readCursor<T>(
  query: unknown,
  cursor: string | undefined,
  isPlace: (place: unknown) => place is T,
): Promise<T | undefined> {
  if (cursor === undefined) return undefined;
  const place = decrypted(Buffer.from(cursor, 'base64url'), await cursorKey(), query);
  if (!isPlace(place)) throw new Failure('INVALID_CURSOR');
  return place;
}

function decrypted(bytes: Buffer, key: Buffer, query: unknown): unknown {
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(bound(query)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const text = decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8');
    return JSON.parse(text + decipher.final('utf8'));
  } catch (error) {
    throw new Failure('INVALID_CURSOR', undefined, { cause: error });
  }
}

function bound(query: unknown): Buffer {
  return Buffer.from(JSON.stringify(query));
}

async function cursorKey(): Promise<Buffer> {
  const secretId = requireEnv('CURSORS_SECRET_ID');
  let fields: Awaited<ReturnType<typeof readSecretFields>>;
  try {
    fields = await readSecretFields(secretId);
  } catch (error) {
    throw new Failure('OVERLOADED', undefined, { cause: error });
  }
  const { cursorKey: secret } = fields;
  if (secret === undefined) throw new Error('the cursors secret holds no cursorKey');
  return Buffer.from(hkdfSync('sha256', secret, '', 'cursors of lists', 32));
}

/** True for what a query of the table answers as its place to go on: an object of texts. */
export function isKeyPlace(place: unknown): place is Record<string, string> {
  return (
    typeof place === 'object' &&
    place !== null &&
    Object.values(place).every((part) => typeof part === 'string')
  );
}
