import { expect, test } from 'vitest';
import { isQuiet } from '#shared/follow-up/quiet-hours.ts';
import type { E164 } from '#shared/id.ts';

const memphis = '+19015550101' as E164;
const seattle = '+12065550101' as E164;
const abroad = '+442079460000' as E164;
const longAgo = new Date('2026-01-01T00:00:00Z');

test.each([
  ['at 7:59 in Memphis', memphis, '2026-06-01T12:59:59Z', true],
  ['at 8:00 in Memphis', memphis, '2026-06-01T13:00:00Z', false],
  ['at 20:59 in Memphis', memphis, '2026-06-02T01:59:59Z', false],
  ['at 21:00 in Memphis', memphis, '2026-06-02T02:00:00Z', true],
  ['at 8:00 in Memphis in winter, an hour later by the sun', memphis, '2026-01-05T14:00:00Z', false],
  ['at 7:30 in Memphis in winter', memphis, '2026-01-05T13:30:00Z', true],
  ['on the morning on which clocks go forward, at 8:00', memphis, '2026-03-08T13:00:00Z', false],
  ['on the morning on which clocks go back, at 7:30', memphis, '2026-11-01T13:30:00Z', true],
  ['at 8:00 in Memphis, which is 6:00 in Seattle', seattle, '2026-06-01T13:00:00Z', true],
  ['at 8:00 in New York for a phone of which nobody knows where it is', abroad, '2026-06-01T12:00:00Z', true],
  ['at 8:00 in Los Angeles for such a phone', abroad, '2026-06-01T15:00:00Z', false],
  ['at 20:59 in New York for such a phone', abroad, '2026-06-02T00:59:59Z', false],
  ['at 21:00 in New York for such a phone', abroad, '2026-06-02T01:00:00Z', true],
])('%s a late text is quiet: %s %s %s', (_what, phone, now, quiet) => {
  expect(isQuiet(phone, longAgo, new Date(now))).toBe(quiet);
});

test('a text within a quarter of an hour of the call comes at any hour', () => {
  const ended = new Date('2026-06-01T07:00:00Z');
  expect(isQuiet(memphis, ended, new Date('2026-06-01T07:15:00Z'))).toBe(false);
  expect(isQuiet(memphis, ended, new Date('2026-06-01T07:15:01Z'))).toBe(true);
});
