import { readCall } from '#shared/calls/call.ts';
import { contributionOf } from '#shared/calls/contribution.ts';
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
 * Brings the counters up to date with some calls (at most 30), however often and in whatever order it is told of them:
 * what was counted of a call is kept with it, and only the difference is added. One read and one transaction.
 * @throws Error when a call does not exist; ConditionFailed when others keep counting the same calls
 */
export async function countCalls(deps: CountDeps, callIds: string[]): Promise<void> {
  const once = [...new Set(callIds)];
  for (let tries = 1; ; tries++) {
    const changed = (await sharesOf(deps, once)).filter(
      (share) => !sameShare(share.counted.contribution, share.now),
    );
    if (changed.length === 0) return;
    try {
      await deps.stats.count(changed, deps.now());
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || tries === triesMax) throw error;
    }
  }
}

async function sharesOf(deps: CountDeps, callIds: string[]): Promise<Share[]> {
  const items = await deps.table.getMany(
    callIds.flatMap((callId) => [keys.call(callId), keys.counted(callId)]),
  );
  const found = new Map(items.map((item) => [`${String(item.pk)} ${String(item.sk)}`, item]));
  return callIds.map((callId) => {
    const item = found.get(`${keys.call(callId).pk} CALL`);
    if (item === undefined) throw new Error(`call ${callId} does not exist`);
    return {
      callId,
      counted: readCounted(found.get(`${keys.call(callId).pk} COUNTED`)),
      now: contributionOf(readCall(item)),
    };
  });
}

function sameShare(a: unknown, b: unknown): boolean {
  const sorted = (_key: string, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value;
  return JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}
