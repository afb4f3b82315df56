import { addSeconds } from '#shared/clock.ts';
import { type CompareDeps, compareBalances } from '#shared/ledger/compare-balances.ts';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { carryForward } from './carry-forward.ts';
import { monthPlus } from './month.ts';
import { type MoveLinesDeps, moveLines } from './move-lines.ts';
import { platformCurrency } from './payment.ts';
import { bookOf } from './standing.ts';

export interface AuditLedgerDeps extends Omit<MoveLinesDeps, 'ledger'> {
  ledger: MoveLinesDeps['ledger'] & CompareDeps['ledger'] & Pick<LedgerRepository, 'carriedUntil' | 'carry'>;
  random(): number;
}

/** What a run did and found. */
export interface LedgerAudited {
  moved: number;
  /** False while lines of before there were entries are left. */
  done: boolean;
  carried: number;
  compared: number;
  differing: number;
}

const moveSeconds = 200;
const accountsAMonth = 200;

/**
 * The daily look at the ledger: moves what is left of before there were entries, notes with the month what the one before
 * left, and compares balances of this month and the last with their entries. A difference is told and not put right: money
 * that somebody was paid by must be explained first.
 */
export async function auditLedger(deps: AuditLedgerDeps): Promise<LedgerAudited> {
  const now = deps.now();
  const thisMonth = now.toISOString().slice(0, 7);
  const book = bookOf(platformCurrency);
  const { moved, done } = await moveLines(deps, addSeconds(now, moveSeconds));
  const carried = done ? await carryForward(deps.ledger, book, thisMonth, now) : 0;
  const found = [];
  for (const month of [monthPlus(thisMonth, -1), thisMonth])
    found.push(await compareBalances(deps, book, month, accountsAMonth));
  const differing = found.flatMap((month) => month.differing);
  for (const differs of differing) log.error('a balance is not what its entries come to', { ...differs });
  if (differing.length > 0) count('LedgerDiffers', differing.length);
  const compared = found.reduce((sum, month) => sum + month.compared, 0);
  return { moved, done, carried, compared, differing: differing.length };
}
