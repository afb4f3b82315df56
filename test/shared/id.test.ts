import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { callIdOf, isCallId, isCallSid, isDjProfileId, isE164, newId } from '#shared/id.ts';

const hex32 = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 });

test('new ids carry their prefix and never repeat', () => {
  const ids = Array.from({ length: 1000 }, () => newId('num'));
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^num_[0-9a-f]{32}$/);
  expect(newId('call')).toSatisfy(isCallId);
});

test('the id of a call follows from its CallSid, so that all its webhooks name the same', () => {
  fc.assert(
    fc.property(hex32, hex32, (a, b) => {
      expect(callIdOf(`CA${a}`)).toBe(`call_${a}`);
      expect(isCallId(callIdOf(`CA${a}`))).toBe(true);
      expect(callIdOf(`CA${a}`) === callIdOf(`CA${b}`)).toBe(a === b);
    }),
  );
});

test.each([
  '',
  'CA',
  `CA${'g'.repeat(32)}`,
  `CA${'A'.repeat(32)}`,
  `PN${'0'.repeat(32)}`,
  `CA${'0'.repeat(33)}`,
  `CA${'0'.repeat(32)}\n`,
])('%j is no CallSid', (text) => {
  expect(isCallSid(text)).toBe(false);
  expect(() => callIdOf(text)).toThrow(TypeError);
});

test('an error about a CallSid does not repeat an enormous one', () => {
  expect(() => callIdOf('x'.repeat(100_000))).toThrow(/^not a CallSid: x{40}$/);
});

test.each([
  ['+19015550101', true],
  ['+1234567', true],
  ['+123456789012345', true],
  ['+123456', false],
  ['+1234567890123456', false],
  ['+09015550101', false],
  ['19015550101', false],
  ['+1901555010a', false],
  ['+19015550101\n', false],
  ['+１９０１５５５０１０１', false],
  ['anonymous', false],
])('%j has the shape of E.164: %s', (text, is) => expect(isE164(text)).toBe(is));

test.each([
  ['dj-ben.murray_1:x', true],
  ['0', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['', false],
  ['dj ben', false],
  ['dj#ben', false],
  ['dj/ben', false],
  ['dj-bén', false],
  ['dj-ben\n', false],
])('%j may be the id of a DJ: %s', (text, is) => expect(isDjProfileId(text)).toBe(is));
