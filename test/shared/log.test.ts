import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskPhones } from '#shared/log.ts';

test.each([
  ['+19015550101', '***0101'],
  ['from +19015550101 to +16155550123.', 'from ***0101 to ***0123.'],
  ['tel:+19015550101', 'tel:***0101'],
  ['9015550101', '***0101'],
  ['"+19015550101"', '"***0101"'],
  ['+1901555', '***1555'],
  ['NUMBER#+19015550101', 'NUMBER#***0101'],
  ['Body=STOP&From=%2B19015550101&To=%2B16155550123', 'Body=STOP&From=%2B***0101&To=%2B***0123'],
])('"%s" is logged as "%s"', (text, logged) => {
  expect(maskPhones(text)).toBe(logged);
});

test.each([
  '2026-03-02T18:00:00.000Z',
  `CA${'0123456789abcdef'.repeat(2)}`,
  `call_${'0123456789abcdef'.repeat(2)}`,
  'amount 5000 of 123456 cents',
  'took 12345 ms',
  '',
])('"%s" stays as it is', (text) => {
  expect(maskPhones(text)).toBe(text);
});

test('no E.164 number stands in a log, wherever in a text it is', () => {
  const number = fc.integer({ min: 1_000_000, max: 999_999_999_999_999 }).map((digits) => `+${digits}`);
  const around = fc.string({ unit: fc.constantFrom(...' ,.:;"\'#=&/\n(){}[]<>abcXYZ_-') });
  fc.assert(
    fc.property(around, number, around, (before, phone, after) => {
      fc.pre(!/^\w/.test(after));
      expect(maskPhones(before + phone + after)).not.toContain(phone.slice(1, -4));
    }),
  );
});

test('an enormous text of digits does not take long', () => {
  const started = performance.now();
  maskPhones('1'.repeat(1_000_000));
  maskPhones('+1234567 '.repeat(100_000));
  expect(performance.now() - started).toBeLessThan(2000);
});
