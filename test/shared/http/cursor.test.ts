import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isKeyPlace, readCursor, writeCursor } from '#shared/http/cursor.ts';

const place = { pk: 'CALL#1', sk: 'CALL', gsi1pk: 'DJCALLS#dj-ben', gsi1sk: '2026' };
const refused = expect.objectContaining({ code: 'INVALID_CURSOR', status: 400 });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a cursor names its place again for the query it was made for', () => {
  const query = fc.jsonValue();
  fc.assert(
    fc.property(query, fc.dictionary(fc.string(), fc.string()), (asked, at) => {
      expect(readCursor(asked, writeCursor(asked, at), isKeyPlace)).toEqual(JSON.parse(JSON.stringify(at)));
    }),
  );
});

test('without a cursor the list begins at its begin', () => {
  expect(readCursor('calls', undefined, isKeyPlace)).toBeUndefined();
});

test.each([
  ['another DJ', ['calls', { djProfileId: 'dj-max' }]],
  ['another filter', ['calls', { djProfileId: 'dj-ben', isBooked: true }]],
  ['another list', ['payments', { djProfileId: 'dj-ben' }]],
])('a cursor of %s is refused', (_what, query) => {
  const cursor = writeCursor(['calls', { djProfileId: 'dj-ben' }], place);
  expect(() => readCursor(query, cursor, isKeyPlace)).toThrow(refused);
});

test('a damaged cursor is refused, never an error of ours', () => {
  const cursor = writeCursor('calls', place);
  const damaged = fc.oneof(
    fc.nat(cursor.length - 1).map((length) => cursor.slice(0, length)),
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map(encode),
    fc.constant('x'.repeat(2048)),
  );
  fc.assert(
    fc.property(damaged, (text) => {
      expect(() => readCursor('calls', text, isKeyPlace)).toThrow(refused);
    }),
  );
});

test.each([[null], [1], ['text'], [{ pk: 1 }], [{ pk: { S: 'x' } }], [{ pk: null }], [undefined]])(
  'a cursor with the place %j is refused',
  (forged) => {
    expect(() => readCursor('calls', writeCursor('calls', forged), isKeyPlace)).toThrow(refused);
  },
);
