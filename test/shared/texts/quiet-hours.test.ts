import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { E164 } from '#shared/id.ts';
import { isQuiet } from '#shared/texts/quiet-hours.ts';

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

/** A Sunday of a month at 2:00, when American clocks change. */
function changeOf(year: number, month: number, sunday: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return Date.UTC(year, month, 1 + ((7 - first) % 7) + (sunday - 1) * 7, 2);
}

/** The hour of the day by the rule of the law: an hour more from the second Sunday of March to the first of November. */
function lawfulHour(instant: Date, hoursFromUtc: number, hasSummer: boolean): number {
  const standard = instant.getTime() + hoursFromUtc * 3_600_000;
  const year = new Date(standard).getUTCFullYear();
  const begins = changeOf(year, 2, 2);
  const ends = changeOf(year, 10, 1) - 3_600_000;
  const isSummer = hasSummer && standard >= begins && standard < ends;
  return new Date(standard + (isSummer ? 3_600_000 : 0)).getUTCHours();
}

test.each([
  ['New York', '212', -5, true],
  ['Chicago', '312', -6, true],
  ['Denver', '303', -7, true],
  ['Phoenix', '602', -7, false],
  ['Los Angeles', '213', -8, true],
  ['Anchorage', '907', -9, true],
  ['Honolulu', '808', -10, false],
])(
  'in %s no late text comes before 8:00 or from 21:00 on, all year round',
  (_city, areaCode, offset, summer) => {
    const phone = `+1${areaCode}5550101` as E164;
    const instant = fc.date({
      min: new Date('2024-01-01'),
      max: new Date('2030-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, (now) => {
        const hour = lawfulHour(now, offset, summer);
        expect(isQuiet(phone, undefined, now)).toBe(hour < 8 || hour >= 21);
      }),
      { numRuns: 300 },
    );
  },
);
