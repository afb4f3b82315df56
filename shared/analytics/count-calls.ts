import { type Call, readCall } from '#shared/calls/call.ts';
import { contributionOf } from '#shared/calls/contribution.ts';
import { placesOf } from '#shared/calls/places.ts';
import { isOver, settle } from '#shared/calls/settle.ts';
import type { CallId } from '#shared/id.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { readCounted, type Share, type StatsRepository } from './stats.repository.ts';

export interface CountDeps {
  table: Pick<Table, 'getMany'>;
  stats: Pick<StatsRepository, 'count'>;
  now(): Date;
}

const triesMax = 5;

/**
 * Brings the counters up to date with some calls (at most 20), however often and in whatever order it is told of them:
 * what was counted of a call is kept with it, and only the difference is added. One read and one transaction.
 * @throws Error when a call does not exist; ConditionFailed when others keep counting the same calls
 */
export async function countCalls(deps: CountDeps, callIds: CallId[]): Promise<void> {
  const once = [...new Set(callIds)];
  for (let tries = 1; ; tries++) {
    const changed = (await sharesOf(deps, once)).filter(needsCounting);
    if (changed.length === 0) return;
    try {
      await deps.stats.count(changed, deps.now());
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || tries === triesMax) throw error;
    }
  }
}

/** Calls that are over are noted even if they count nothing: an admin's list of all calls finds them so. */
function needsCounting({ counted, now, over }: Share): boolean {
  return !sameShare(counted.contribution, now) || (over !== undefined && counted.revision === 0);
}

async function sharesOf(deps: CountDeps, callIds: CallId[]): Promise<Share[]> {
  const items = await deps.table.getMany(
    callIds.flatMap((callId) => [keys.call(callId), keys.counted(callId)]),
  );
  const found = new Map(items.map((item) => [`${String(item.pk)} ${String(item.sk)}`, item]));
  return callIds.map((callId) => {
    const item = found.get(`${keys.call(callId).pk} CALL`);
    if (item === undefined) throw new Error(`call ${callId} does not exist`);
    const call = readCall(item);
    return {
      callId,
      counted: readCounted(found.get(`${keys.call(callId).pk} COUNTED`)),
      now: contributionOf(call),
      over: isOver(settle(call)) ? placesOf(call).ofDay : undefined,
      called: calledNumber(call),
    };
  });
}

function calledNumber(call: Call): Share['called'] {
  if (call.source !== 'twilio' || call.virtualNumber == null) return undefined;
  return { phoneNumber: call.virtualNumber, at: call.incomingAt ?? call.seenAt };
}

function sameShare(a: unknown, b: unknown): boolean {
  const sorted = (_key: string, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value;
  return JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}
