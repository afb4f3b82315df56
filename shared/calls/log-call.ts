import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';

/** A call may wait so long until it is on the list of its day: 4 days in a queue and 14 in that of the dead letters. */
const listingDays = 20;
const backDaysMax = 366;

/** True for a report of a call; without any of these it tells of a click on a page. */
export function isCall(body: {
  call_sid?: string | undefined;
  caller_number?: string | undefined;
  call_status?: string | undefined;
  call_duration_seconds?: number | undefined;
}): boolean {
  return [body.call_sid, body.caller_number, body.call_status, body.call_duration_seconds].some(
    (given) => given !== undefined,
  );
}

/**
 * Lets a call be logged only where the timer that forgets callers has not been when the call comes to the list of its day:
 * it never goes back, and the call would keep its caller for ever.
 * @throws Failure VALIDATION_FAILED
 */
export function checkTimestamp(timestamp: string, { callerDays }: { callerDays: number }, now: Date): void {
  const backDays = Math.min(backDaysMax, callerDays - listingDays);
  const at = new Date(timestamp);
  if (at >= addSeconds(now, -backDays * 86_400) && at <= addSeconds(now, 86_400)) return;
  const message = `must lie at most ${backDays} days back and at most one day ahead`;
  throw new Failure('VALIDATION_FAILED', undefined, { details: [{ path: 'body.timestamp', message }] });
}
