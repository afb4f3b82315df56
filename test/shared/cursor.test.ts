import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { anyText } from '#test/support/any-text.ts';

const secrets = await fakeSecrets();
const secretId = secrets.add({ cursorKey: 'key-of-the-tests' });
beforeEach(() => {
  process.env.CURSORS_SECRET_ID = secretId;
});

const place = { pk: 'CALLER#+19015550101', sk: 'BLOCK', gsi1pk: 'CALLER##LIST#dj-ben', gsi1sk: '2026' };
const refused = expect.objectContaining({ code: 'INVALID_CURSOR', status: 400 });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a cursor names its place again for the query it was made for', async () => {
  const query = fc.jsonValue();
  await fc.assert(
    fc.asyncProperty(query, fc.dictionary(fc.string(), fc.string()), async (asked, at) => {
      const cursor = await writeCursor(asked, at);
      expect(await readCursor(asked, cursor, isKeyPlace)).toEqual(JSON.parse(JSON.stringify(at)));
    }),
  );
});

test('a cursor tells nothing of its place, and never looks the same', async () => {
  const [first, second] = [await writeCursor('calls', place), await writeCursor('calls', place)];
  expect(first).not.toBe(second);
  const text = Buffer.from(first, 'base64url').toString('latin1');
  for (const word of ['9015550101', 'CALLER', 'dj-ben', 'pk']) expect(text).not.toContain(word);
});

test('a cursor fits into a query, also of a place in two lists at once', async () => {
  const long = { pk: 'x'.repeat(80), sk: 'x'.repeat(80), gsi1pk: 'x'.repeat(160), gsi1sk: 'x'.repeat(200) };
  expect((await writeCursor('pool', { available: long, assigned: long })).length).toBeLessThan(2048);
});

test('without a cursor the list begins at its begin, and no key is needed', async () => {
  process.env.CURSORS_SECRET_ID = 'unheard-of';
  expect(await readCursor('calls', undefined, isKeyPlace)).toBeUndefined();
});

test.each([
  ['another DJ', ['calls', { djProfileId: 'dj-max' }]],
  ['another filter', ['calls', { djProfileId: 'dj-ben', isBooked: true }]],
  ['another list', ['payments', { djProfileId: 'dj-ben' }]],
])('a cursor of %s is refused', async (_what, query) => {
  const cursor = await writeCursor(['calls', { djProfileId: 'dj-ben' }], place);
  await expect(readCursor(query, cursor, isKeyPlace)).rejects.toThrow(refused);
});

test('a cursor of another key is refused', async () => {
  const cursor = await writeCursor('calls', place);
  process.env.CURSORS_SECRET_ID = secrets.add({ cursorKey: 'another-key' });
  await expect(readCursor('calls', cursor, isKeyPlace)).rejects.toThrow(refused);
});

test('a damaged cursor is refused, never an error of ours', async () => {
  const cursor = await writeCursor('calls', place);
  const bytes = Buffer.from(cursor, 'base64url');
  const damaged = fc.oneof(
    fc.nat(cursor.length - 1).map((length) => cursor.slice(0, length)),
    fc.nat(bytes.length - 1).map((at) => {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      return flipped.toString('base64url');
    }),
    fc.string(),
    anyText(),
    fc.jsonValue().map(encode),
    fc.constant(encode({ q: 'calls', p: place })),
    fc.constant('x'.repeat(2048)),
  );
  await fc.assert(
    fc.asyncProperty(damaged, async (text) => {
      await expect(readCursor('calls', text, isKeyPlace)).rejects.toThrow(refused);
    }),
  );
});

test.each([[null], [1], ['text'], [{ pk: 1 }], [{ pk: { S: 'x' } }], [{ pk: null }]])(
  'a cursor with the place %j is refused',
  async (odd) => {
    const cursor = await writeCursor('calls', odd);
    await expect(readCursor('calls', cursor, isKeyPlace)).rejects.toThrow(refused);
  },
);

test('without the key the list says to try again, without a secret of its shape it is a fault of ours', async () => {
  process.env.CURSORS_SECRET_ID = 'unheard-of';
  await expect(writeCursor('calls', place)).rejects.toMatchObject({ code: 'OVERLOADED', status: 503 });
  process.env.CURSORS_SECRET_ID = secrets.add({});
  await expect(writeCursor('calls', place)).rejects.toThrow(/holds no cursorKey/);
});
