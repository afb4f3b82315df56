import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSeconds, localDay, now } from '#shared/clock.ts';

test.each([
  ['2026-01-01T04:59:59.999Z', 'America/New_York', '2025-12-31'],
  ['2026-01-01T05:00:00.000Z', 'America/New_York', '2026-01-01'],
  ['2026-07-01T03:59:59.999Z', 'America/New_York', '2026-06-30'],
  ['2026-07-01T04:00:00.000Z', 'America/New_York', '2026-07-01'],
  // Clocks go forward on 8 March 2026 and back on 1 November.
  ['2026-03-08T04:59:59.999Z', 'America/New_York', '2026-03-07'],
  ['2026-03-09T03:59:59.999Z', 'America/New_York', '2026-03-08'],
  ['2026-03-09T04:00:00.000Z', 'America/New_York', '2026-03-09'],
  ['2026-11-01T03:59:59.999Z', 'America/New_York', '2026-10-31'],
  ['2026-11-02T04:59:59.999Z', 'America/New_York', '2026-11-01'],
  ['2026-11-02T05:00:00.000Z', 'America/New_York', '2026-11-02'],
  ['2026-03-09T06:59:59.999Z', 'America/Phoenix', '2026-03-08'],
  ['2026-01-01T03:29:59.000Z', 'America/St_Johns', '2025-12-31'],
  ['2026-01-01T03:30:00.000Z', 'America/St_Johns', '2026-01-01'],
])('at %s it is in %s the %s', (instant, zone, day) => {
  expect(localDay(new Date(instant), zone)).toBe(day);
});

test('a later instant never has an earlier day', () => {
  const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
  const zone = fc.constantFrom('America/New_York', 'America/Boise', 'Pacific/Honolulu', 'America/St_Johns');
  fc.assert(
    fc.property(instant, fc.integer({ min: 0, max: 200_000 }), zone, (at, seconds, timeZone) => {
      expect(localDay(at, timeZone) <= localDay(addSeconds(at, seconds), timeZone)).toBe(true);
    }),
  );
});

test('an unknown zone is an error, not another zone', () => {
  expect(() => localDay(now(), 'Mars/Olympus')).toThrow(RangeError);
});

test('seconds are added and taken away', () => {
  expect(addSeconds(new Date('2026-03-08T06:59:59Z'), 2).toISOString()).toBe('2026-03-08T07:00:01.000Z');
  expect(addSeconds(new Date('2026-01-01T00:00:00Z'), -1).toISOString()).toBe('2025-12-31T23:59:59.000Z');
});
