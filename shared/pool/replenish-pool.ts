import { addSeconds } from '#shared/clock.ts';
import { Failure, type FailureCode } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import { paidStates, type VirtualNumber } from '#shared/numbers/number.ts';
import { type BuyManyDeps, buyNumbers } from '#shared/orders/buy-numbers.ts';
import { forecastDays, missingNumbers } from './buffer.ts';
import type { PoolPolicy } from './policy.ts';
import { monthlyCents } from './prices.ts';

export interface ReplenishDeps extends BuyManyDeps {
  numbers: Pick<NumberRepository, 'find' | 'save' | 'inState' | 'countInState' | 'assignmentsSince'>;
  policy: Pick<PoolPolicy, 'bufferShare' | 'autoReplenish'>;
}

/** What a run did; `missing` is what the buffer lacked, of which the budget allowed `affordable`. */
export interface Replenished {
  missing: number;
  affordable: number;
  bought: number;
}

const actor = 'timer';
const endsRun: readonly FailureCode[] = ['PURCHASE_CAP_REACHED', 'PURCHASE_IN_PROGRESS', 'PURCHASES_STOPPED'];
/** Bought in one run; a larger gap closes over some days, so that no mistake of the forecast is dear. */
const runMax = 20;

/**
 * Fills the buffer where DJs are, as long as all numbers together stay within the monthly budget; does nothing where the
 * policy has none, or an operator has stopped all purchases.
 * @throws TwilioFailure
 */
export async function replenishPool(deps: ReplenishDeps): Promise<Replenished> {
  const { autoReplenish, bufferShare } = deps.policy;
  if (autoReplenish === undefined) return { missing: 0, affordable: 0, bought: 0 };
  const since = addSeconds(deps.now(), -forecastDays * 86_400);
  const [counts, assignments] = await Promise.all([
    Promise.all(paidStates.map((status) => deps.numbers.countInState(status))),
    deps.numbers.assignmentsSince(since),
  ]);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const free = counts[paidStates.indexOf('available')] ?? 0;
  const missing = missingNumbers({ free, total, assignments }, bufferShare);
  const affordable = Math.max(
    0,
    Math.floor(Math.round(autoReplenish.monthlyBudgetUsd * 100) / monthlyCents) - total,
  );
  if (missing > affordable) log.warn('the monthly budget does not fill the buffer', { missing, affordable });
  const count = Math.min(missing, affordable, runMax);
  return { missing, affordable, bought: count === 0 ? 0 : await buyWhereDjsAre(deps, count) };
}

async function buyWhereDjsAre(deps: ReplenishDeps, count: number): Promise<number> {
  const [held, free] = await Promise.all([areaCodesOf(deps, 'assigned'), areaCodesOf(deps, 'available')]);
  let bought = 0;
  for (const [areaCode, wanted] of places(count, held, free)) {
    try {
      const result = await buyNumbers(deps, { count: wanted, areaCode, actor });
      bought += result.bought.length;
      if (result.failed.length > 0) log.info('not all could be bought', { areaCode, failed: result.failed });
    } catch (error) {
      if (!(error instanceof Failure && endsRun.includes(error.code))) throw error;
      // The day's cap, an operator's switch, or somebody buys the same right now: tomorrow is another run.
      log.warn('replenishing ended early', error);
      return bought;
    }
  }
  return bought;
}

async function areaCodesOf(
  deps: ReplenishDeps,
  status: VirtualNumber['status'],
): Promise<Map<string, number>> {
  const codes = new Map<string, number>();
  let after: Record<string, string> | undefined;
  do {
    const page = await deps.numbers.inState(status, { limit: 100, after });
    for (const { areaCode } of page.numbers) codes.set(areaCode, (codes.get(areaCode) ?? 0) + 1);
    after = page.next;
  } while (after !== undefined);
  return codes;
}

/** How many to buy in each area code: each next one where most DJs share a free number. Anywhere while there are no DJs. */
export function places(
  count: number,
  held: ReadonlyMap<string, number>,
  free: ReadonlyMap<string, number>,
): Map<string | undefined, number> {
  const wanted = new Map<string | undefined, number>();
  if (held.size === 0) return wanted.set(undefined, count);
  for (let bought = 0; bought < count; bought++) {
    const need = (code: string) =>
      (held.get(code) ?? 0) / ((free.get(code) ?? 0) + (wanted.get(code) ?? 0) + 1);
    const [neediest = ''] = [...held.keys()].toSorted((a, b) => need(b) - need(a) || (a < b ? -1 : 1));
    wanted.set(neediest, (wanted.get(neediest) ?? 0) + 1);
  }
  return wanted;
}
