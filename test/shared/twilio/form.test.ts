import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { legStatuses } from '#shared/twilio/call-status.ts';
import {
  e164,
  errorCode,
  formOf,
  type Reader,
  seconds,
  sender,
  sid,
  text,
  webAddress,
  word,
} from '#shared/twilio/form.ts';
import { anyText } from '#test/support/any-text.ts';

const hex = 'ab'.repeat(16);

test.each([
  ['95', 95],
  ['0', 0],
  ['007', 7],
  ['86400', 86_400],
  ['86401', undefined],
  ['9'.repeat(5000), undefined],
  ['-5', undefined],
  ['+5', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['1e400', undefined],
  ['0x10', undefined],
  [' 5 ', undefined],
  ['٣', undefined],
  ['a minute', undefined],
  ['Infinity', undefined],
])('%.20j is %j seconds', (raw, is) => expect(seconds(raw)).toBe(is));

test.each([
  [`CA${hex}`, true],
  [`RE${hex}`, false],
  [`CA${hex}0`, false],
  [`ca${hex}`, false],
  [`CA${hex.toUpperCase()}`, false],
  [`CA${hex}\n`, false],
  [`CALL#${hex}`, false],
  ['CA'.repeat(40_000), false],
])('%.50j is a CallSid: %s', (raw, is) => expect(sid('CA')(raw)).toBe(is ? raw : undefined));

test('one of several prefixes serves', () => {
  expect(sid('SM', 'MM')(`MM${hex}`)).toBe(`MM${hex}`);
  expect(sid('SM', 'MM')(`MS${hex}`)).toBeUndefined();
});

test.each([...legStatuses])('%s is a word that is known', (known) =>
  expect(word(legStatuses)(known)).toBe(known),
);

test.each(['Completed', 'completed ', 'x'.repeat(90_000), '__proto__', 'constructor', 'a.b', '#'])(
  'the unknown word %.20j is kept as "other"',
  (raw) => expect(word(legStatuses)(raw)).toBe('other'),
);

test.each([
  ['+19015550101', true],
  ['anonymous', false],
  ['sip:ben@example.com', false],
  [`+1${'9'.repeat(70_000)}`, false],
])('%.30j is a number: %s', (raw, is) => expect(e164(raw)).toBe(is ? raw : undefined));

test.each([
  ['+19015550101', true],
  ['72273', true],
  ['BANK', true],
  ['whatsapp:+19015550101', true],
  ['TEXTS#+19015550101', false],
  ['a'.repeat(65), false],
  ['\u0000', false],
])('%.30j may have sent a text: %s', (raw, is) => expect(sender(raw)).toBe(is ? raw : undefined));

test.each([
  ['https://api.example.com/r', true],
  ['http://127.0.0.1:3010/r.wav', true],
  ['javascript:alert(1)', false],
  ['//example.com', false],
  [`https://example.com/${'a'.repeat(2000)}`, false],
])('%.40j is an address: %s', (raw, is) => expect(webAddress(raw)).toBe(is ? raw : undefined));

test.each([
  ['30034', true],
  ['0x1', false],
  ['1'.repeat(7), false],
])('%j is the number of an error: %s', (raw, is) => expect(errorCode(raw)).toBe(is ? raw : undefined));

describe('whatever is sent', () => {
  const raw = fc.oneof(
    anyText({ maxLength: 200 }),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.constantFrom('🎧'.repeat(1000), '\ud83c', '__proto__', 'x'.repeat(30_000), '-1', '0x10'),
  );
  const readers: [string, Reader<unknown>][] = [
    ['text', text(100)],
    ['word', word(legStatuses)],
    ['seconds', seconds],
    ['sid', sid('CA')],
    ['e164', e164],
    ['sender', sender],
    ['errorCode', errorCode],
    ['webAddress', webAddress],
  ];

  test.each(readers)('what is read as %s is bounded and well formed', (_name, read) => {
    fc.assert(
      fc.property(raw, (sent) => {
        const value = formOf(new URLSearchParams({ Field: sent })).get('Field', read);
        const stored = JSON.stringify(value ?? null);
        expect(stored.length).toBeLessThanOrEqual(2048);
        expect(stored).not.toMatch(/\\ud[89a-f]/i);
      }),
    );
  });

  test('a text that is cut keeps no half of an emoji', () => {
    expect(text(4)('ab🎧cd')).toBe('ab…');
    expect(text(5)('ab🎧cd')).toBe('ab🎧…');
    expect(text(6)('ab🎧cd')).toBe('ab🎧cd');
  });
});

test('a field that is needed is told when it is missing, and when it is odd', () => {
  const form = formOf(new URLSearchParams('CallSid=CA1&To='));
  for (const [name, message] of [
    ['CallSid', 'is not what Twilio sends'],
    ['To', 'is required'],
    ['From', 'is required'],
  ] as const) {
    expect(() => form.need(name, sid('CA'))).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', details: [{ path: `body.${name}`, message }] }),
    );
  }
});
