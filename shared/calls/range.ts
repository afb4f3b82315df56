import { addSeconds, localDay } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';

/** What a request may say of its range: a day (`YYYY-MM-DD`) or an RFC 3339 instant each, both inclusive. */
export interface AskedRange {
  start_date?: string | undefined;
  end_date?: string | undefined;
}

const isDay = (text: string) => text.length === 10;

/**
 * The range in instants: a day reaches from its first to its last moment in the DJ's time zone, daylight saving included.
 * @throws Failure VALIDATION_FAILED when the end lies before the start
 */
export function instantRange(
  asked: AskedRange,
  timeZone: string,
  place: 'query' | 'body' = 'query',
): { from: string; to: string } {
  const { start_date: start, end_date: end } = asked;
  const from = start === undefined ? '0000' : isDay(start) ? startOfDay(start, timeZone) : normal(start);
  const to = end === undefined ? '9999' : isDay(end) ? endOfDay(end, timeZone) : normal(end);
  if (from > to) throw endBeforeStart(place);
  return { from, to };
}

/** Days that an open range reaches back when all calls are asked for. */
const recentDays = 30;

/**
 * The range in instants, by UTC days, with an end: until the end of today unless told, and from 30 days before it.
 * @throws Failure VALIDATION_FAILED when the end lies before the start
 */
export function recentRange(
  asked: AskedRange,
  now: Date,
  place: 'query' | 'body' = 'query',
): { from: string; to: string } {
  const tomorrow = addSeconds(now, 86_400).toISOString().slice(0, 10);
  const asksFor = asked.end_date ?? now.toISOString().slice(0, 10);
  // Nothing lies in the future, and each of its days would cost a query.
  const end_date = asksFor > tomorrow ? tomorrow : asksFor;
  const start = addSeconds(new Date(end_date), -(recentDays - 1) * 86_400);
  return instantRange(
    { start_date: asked.start_date ?? start.toISOString().slice(0, 10), end_date },
    'UTC',
    place,
  );
}

/**
 * The range in days of the DJ's time zone.
 * @throws Failure VALIDATION_FAILED when the end lies before the start
 */
export function dayRange(asked: AskedRange, timeZone: string): { from: string; to: string } {
  const day = (text: string) => (isDay(text) ? text : localDay(new Date(text), timeZone));
  const from = asked.start_date === undefined ? '0000-00-00' : day(asked.start_date);
  const to = asked.end_date === undefined ? '9999-99-99' : day(asked.end_date);
  if (from > to) throw endBeforeStart();
  return { from, to };
}

/** True when the range cannot be read without knowing the DJ's time zone. */
export function needsTimeZone(asked: AskedRange): boolean {
  return [asked.start_date, asked.end_date].some((text) => text !== undefined && !isDay(text));
}

function endBeforeStart(place: 'query' | 'body' = 'query'): Failure {
  return new Failure('VALIDATION_FAILED', undefined, {
    details: [{ path: `${place}.end_date`, message: 'must not lie before start_date' }],
  });
}

function normal(instant: string): string {
  return new Date(instant).toISOString();
}

function endOfDay(day: string, timeZone: string): string {
  const nextDay = addSeconds(new Date(`${day}T00:00:00Z`), 86_400)
    .toISOString()
    .slice(0, 10);
  return new Date(Date.parse(startOfDay(nextDay, timeZone)) - 1).toISOString();
}

/**
 * The first instant at which it is `day` in the zone. Found by halving, so that zones whose day begins at 01:00 on the
 * day their clocks go forward come out right.
 */
function startOfDay(day: string, timeZone: string): string {
  const utc = Date.parse(`${day}T00:00:00Z`);
  let before = utc - 26 * 3_600_000;
  let from = utc + 26 * 3_600_000;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (localDay(new Date(middle), timeZone) < day) before = middle;
    else from = middle;
  }
  return new Date(from).toISOString();
}
