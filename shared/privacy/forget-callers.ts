import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { dayPlus } from '#shared/clock.ts';
import type { CallerData, RetentionPlace } from './caller-data.repository.ts';
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

/** How long new calls are begun: less than the timer's 600 s, so that the run ends by itself and tells what it did. */
const runSeconds = 500;
const callsOfPage = 100;
const parallelCalls = 10;
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
 * failed, though this run goes on behind it. Bounded by time alone: a call that fails every day must not keep the run from
 * those behind it, however many of them are done already.
 */
export async function forgetCallers(deps: ForgetDeps): Promise<Forgotten> {
  const now = deps.now();
  const end = dayPlus(now.toISOString().slice(0, 10), -deps.policy.callerDays);
  const hasTime = () => deps.now().getTime() - now.getTime() < runSeconds * 1000;
  let place: RetentionPlace = (await deps.data.retentionPlace()) ?? { day: dayPlus(end, -daysBefore) };
  // A policy that keeps callers longer than before: the days since are gone through once more, for calls that were logged.
  if (place.day > end) place = { day: end };
  const done = { calls: 0, failed: 0 };
  let kept = place;
  while (place.day < end && hasTime()) {
    const { day } = place;
    const page = await deps.calls.ofDay(day, { from: day, to: day }, callsOfPage, place.after);
    const known = page.calls.filter(({ forgottenAt }) => forgottenAt == null);
    let begun = 0;
    for (; begun < known.length && hasTime(); begun += parallelCalls) {
      const { forgotten, failed } = await deps.forgetCalls(known.slice(begun, begun + parallelCalls));
      done.calls += forgotten;
      done.failed += failed;
    }
    if (begun < known.length) break;
    place = page.next === undefined ? { day: dayPlus(day, 1) } : { day, after: page.next };
    if (done.failed > 0) continue;
    kept = place;
    if (page.calls.length > 0) await deps.data.keepRetentionPlace(kept, now);
  }
  await deps.data.keepRetentionPlace(kept, now);
  return { ...done, day: kept.day, complete: kept.day >= end };
}
