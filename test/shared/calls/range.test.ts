import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayRange, instantRange, needsTimeZone } from '#shared/calls/range.ts';
import { localDay } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';

const zones = [
  'America/New_York',
  'America/Chicago',
  'America/Phoenix',
  'America/St_Johns',
  'Pacific/Honolulu',
  'Africa/Cairo',
  'UTC',
];
const day = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2030-12-30'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const dayAfter = (text: string) =>
  new Date(Date.parse(`${text}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

function hours(text: string, timeZone: string): number {
  const { from } = instantRange({ start_date: text }, timeZone);
  const next = instantRange({ start_date: dayAfter(text) }, timeZone).from;
  return (Date.parse(next) - Date.parse(from)) / 3_600_000;
}

test.each([
  ['2026-03-08', 'America/New_York', 23],
  ['2026-11-01', 'America/New_York', 25],
  ['2026-07-01', 'America/New_York', 24],
  ['2026-03-08', 'America/Phoenix', 24],
  ['2026-03-08', 'America/St_Johns', 23],
  // The day begins at 01:00 where clocks go forward at midnight.
  ['2026-04-24', 'Africa/Cairo', 23],
  ['2026-10-29', 'Africa/Cairo', 25],
])('the %s has %s %i hours', (text, zone, length) => {
  expect(hours(text, zone)).toBe(length);
});

test('a day begins at its first instant: a millisecond before it is another day', () => {
  fc.assert(
    fc.property(day, fc.constantFrom(...zones), (text, zone) => {
      const from = Date.parse(instantRange({ start_date: text }, zone).from);
      expect(localDay(new Date(from), zone)).toBe(text);
      expect(localDay(new Date(from - 1), zone) < text).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('a day ends at its last instant, so that no instant is in two days', () => {
  fc.assert(
    fc.property(day, fc.constantFrom(...zones), (text, zone) => {
      const { to } = instantRange({ end_date: text }, zone);
      expect(localDay(new Date(to), zone)).toBe(text);
      expect(to < instantRange({ start_date: dayAfter(text) }, zone).from).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('instants are brought to UTC and are taken as they are', () => {
  expect(instantRange({ start_date: '2026-03-08T00:00:00-05:00' }, 'UTC').from).toBe(
    '2026-03-08T05:00:00.000Z',
  );
  expect(instantRange({ end_date: '2026-03-08T01:30:00.5+02:00' }, 'UTC').to).toBe(
    '2026-03-07T23:30:00.500Z',
  );
});

test('without dates a range holds everything, and one side alone leaves the other open', () => {
  const all = instantRange({}, 'UTC');
  expect(all.from < '1990-01-01T00:00:00.000Z' && all.to > '2990-01-01T00:00:00.000Z').toBe(true);
  expect(dayRange({}, 'UTC').from < '1990-01-01' && dayRange({}, 'UTC').to > '2990-01-01').toBe(true);
});

test.each([
  [instantRange, '2026-03-09', '2026-03-08'],
  [dayRange, '2026-03-09', '2026-03-08'],
  [instantRange, '2026-03-09T00:00:01Z', '2026-03-09T00:00:00Z'],
  [dayRange, '2026-03-09T12:00:00Z', '2026-03-08'],
])('%o refuses an end before its start: %s to %s', (range, start_date, end_date) => {
  expect(() => range({ start_date, end_date }, 'UTC')).toThrow(
    expect.objectContaining({
      code: 'VALIDATION_FAILED',
      details: [{ path: 'query.end_date', message: 'must not lie before start_date' }],
    }),
  );
});

test('start and end on one day are that day', () => {
  expect(dayRange({ start_date: '2026-03-08', end_date: '2026-03-08' }, 'UTC')).toEqual({
    from: '2026-03-08',
    to: '2026-03-08',
  });
  expect(() =>
    instantRange({ start_date: '2026-03-08', end_date: '2026-03-08' }, 'America/New_York'),
  ).not.toThrow(Failure);
});

test('instants are days of the zone of the DJ, days need no zone', () => {
  const asked = { start_date: '2026-03-09T04:30:00Z', end_date: '2026-03-09' };
  expect(dayRange(asked, 'America/Chicago')).toEqual({ from: '2026-03-08', to: '2026-03-09' });
  expect(dayRange(asked, 'America/New_York')).toEqual({ from: '2026-03-09', to: '2026-03-09' });
  expect(needsTimeZone(asked)).toBe(true);
  expect(needsTimeZone({ start_date: '2026-03-09' })).toBe(false);
  expect(needsTimeZone({})).toBe(false);
});
