import { setTimeout } from 'node:timers/promises';

/** The current instant. The one place that reads the clock, so that rules take `now` as a value. */
export function now(): Date {
  return new Date();
}

/** `date` plus `seconds` (may be negative). */
export function addSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}

/** Until the next UTC day begins. */
export function secondsLeftOfDay(at: Date): number {
  return 86_400 - (Math.floor(at.getTime() / 1000) % 86_400);
}

/**
 * The calendar day (`YYYY-MM-DD`) of an instant in an IANA time zone, daylight saving included.
 * @throws RangeError when the zone is unknown to the runtime.
 */
export function localDay(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(instant);
}

/** The calendar day so many days later. */
export function dayPlus(day: string, days: number): string {
  return addSeconds(new Date(`${day}T00:00:00Z`), days * 86_400)
    .toISOString()
    .slice(0, 10);
}

/** Resolves after so many seconds, or at once when the signal ends it. */
export async function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(seconds * 1000, undefined, { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
