import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { type Contribution, difference } from '#shared/calls/contribution.ts';
import { dayPlus } from '#shared/clock.ts';
import type { CallId, OwnerId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import { sumOf } from './analytics.ts';
import type { DayCounters, StatsRepository } from './stats.repository.ts';

export interface AuditCountersDeps {
  calls: Pick<CallRepository, 'ofOwner' | 'djsOfDay'>;
  stats: Pick<StatsRepository, 'days' | 'countedOf' | 'repair'>;
  /** Counts what of these calls is not counted yet. */
  countCalls(callIds: CallId[]): Promise<void>;
  now(): Date;
  random(): number;
}

/** What an audit did: how many days of DJs it recounted, and how many of them were wrong and put right. */
export interface CountersAudited {
  recounted: number;
  repaired: number;
}

const daysBack = [1, 2, 7, 30];
const djsADay = 25;
const parallelCalls = 20;

/**
 * Recounts days of some DJs from their calls and puts right what the counters have otherwise. First every call is counted
 * as it is now, then the day must be the sum of what stands as counted with its calls; a day that changes meanwhile is
 * left to the next audit.
 */
export async function auditCounters(deps: AuditCountersDeps): Promise<CountersAudited> {
  const today = deps.now().toISOString().slice(0, 10);
  const audited: CountersAudited = { recounted: 0, repaired: 0 };
  for (const back of daysBack) {
    const day = dayPlus(today, -1 - back);
    for (const djProfileId of sample(await deps.calls.djsOfDay(day), djsADay, () => deps.random())) {
      audited.recounted++;
      if (await recount(deps, djProfileId, day)) audited.repaired++;
    }
  }
  if (audited.repaired > 0) count('CountersRepaired', audited.repaired);
  return audited;
}

/** Recounts a day of a DJ. True when it was wrong and is right now. */
export async function recount(
  deps: Pick<AuditCountersDeps, 'stats' | 'countCalls' | 'now'> & { calls: Pick<CallRepository, 'ofOwner'> },
  djProfileId: OwnerId,
  day: string,
): Promise<boolean> {
  const callIds = (await callsAround(deps, djProfileId, day)).map(({ id }) => id);
  for (let first = 0; first < callIds.length; first += parallelCalls)
    await deps.countCalls(callIds.slice(first, first + parallelCalls));
  // The day first: what is counted after this changes it together with the call's share, and refuses the repair.
  const [stored] = await deps.stats.days(djProfileId, { from: day, to: day });
  const shares = (await deps.stats.countedOf(callIds)).filter(
    (share) => share.djProfileId === djProfileId && share.day === day,
  );
  const missing = difference(stored?.counters ?? {}, sumOf(shares));
  if (Object.keys(missing).length === 0) return false;
  log.error('the counters of a day were wrong', { djProfileId, day, missing });
  return repair(deps, { djProfileId, day, counters: missing }, stored);
}

async function repair(
  deps: Pick<AuditCountersDeps, 'stats' | 'now'>,
  missing: Contribution,
  seen: DayCounters | undefined,
): Promise<boolean> {
  try {
    await deps.stats.repair(missing, { revision: seen?.revision }, deps.now());
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    log.info('the day was counted meanwhile, the next audit looks again', { day: missing.day });
    return false;
  }
}

/** A DJ's day begins at another instant than the UTC day of the same name: a day more on either side holds all its calls. */
async function callsAround(
  { calls }: { calls: Pick<CallRepository, 'ofOwner'> },
  djProfileId: OwnerId,
  day: string,
): Promise<Call[]> {
  const range = { from: `${dayPlus(day, -1)}T00:00:00.000Z`, to: `${dayPlus(day, 1)}T23:59:59.999Z` };
  const found: Call[] = [];
  let after: Record<string, string> | undefined;
  do {
    const page = await calls.ofOwner(djProfileId, range, 100, after);
    found.push(...page.calls);
    after = page.next;
  } while (after !== undefined);
  return found;
}

function sample<T>(all: T[], size: number, random: () => number): T[] {
  return all
    .map((one) => ({ one, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, size)
    .map(({ one }) => one);
}
