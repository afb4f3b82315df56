import { dayPlus } from '#shared/analytics/platform-analytics.ts';
import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import type { CallerData } from './caller-data.repository.ts';
import type { ForgottenCalls } from './forget-calls.ts';
import type { RetentionPolicy } from './policy.ts';

export interface ForgetDeps {
  calls: Pick<CallRepository, 'ofDay'>;
  data: Pick<CallerData, 'retentionPlace' | 'keepRetentionPlace'>;
  policy: RetentionPolicy;
  /** Takes the callers off these calls, their recordings and their events first. */
  forgetCalls(calls: Call[]): Promise<ForgottenCalls>;
  now(): Date;
}

/** Calls looked at in one run. */
const callsMax = 5000;
const callsAtOnce = 100;
/** The first run begins so many days earlier than the policy asks for. */
const daysBefore = 366;

/** What a run did; `day` is the first that it did not finish. */
export interface Forgotten {
  calls: number;
  /** Calls that keep their caller because a recording of them, or an event, could not be deleted. */
  failed: number;
  day: string;
  complete: boolean;
}

/**
 * Takes the callers off all calls that are older than the policy allows, day by day (UTC). It keeps its place after every
 * page, so that a run that broke off, or was missed, is caught up with by the next; so is the first page of which a call
 * failed, though this run goes on behind it.
 */
export async function forgetCallers(deps: ForgetDeps): Promise<Forgotten> {
  const now = deps.now();
  const end = dayPlus(now.toISOString().slice(0, 10), -deps.policy.callerDays);
  let place = (await deps.data.retentionPlace()) ?? { day: dayPlus(end, -daysBefore) };
  const done = { calls: 0, failed: 0 };
  let kept = place;
  let seen = 0;
  while (place.day < end && seen < callsMax) {
    const { day } = place;
    const page = await deps.calls.ofDay(day, { from: day, to: day }, callsAtOnce, place.after);
    const known = page.calls.filter(({ forgottenAt }) => forgottenAt == null);
    if (known.length > 0) {
      const { forgotten, failed } = await deps.forgetCalls(known);
      done.calls += forgotten;
      done.failed += failed;
    }
    seen += page.calls.length;
    place = page.next === undefined ? { day: dayPlus(day, 1) } : { day, after: page.next };
    if (done.failed === 0) kept = place;
    if (page.calls.length > 0) await deps.data.keepRetentionPlace(kept, now);
  }
  await deps.data.keepRetentionPlace(kept, now);
  return { ...done, day: kept.day, complete: kept.day >= end };
}
