import { Failure } from '#shared/failure.ts';
import type { DjProfileId } from '#shared/id.ts';
import type { PaidMark } from '#shared/ledger/balance.ts';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import { carriedFrom, carriedThrough, dueOf } from './carry-forward.ts';
import { monthsBetween } from './month.ts';
import { isOver, type MonthPayoutsDeps, requireMoved } from './month-payouts.ts';
import { platformCurrency } from './payment.ts';
import { accountOf, bookOf } from './standing.ts';

export interface MarkPaidDeps {
  ledger: Pick<LedgerRepository, 'moved' | 'month' | 'carriedUntil' | 'ofAccount' | 'markPaid'>;
  lines: MonthPayoutsDeps['lines'];
  now(): Date;
}

const triesMax = 5;

/**
 * Notes that a DJ was paid what a month left, under a reference such as the bank's. Said again it is the same mark.
 * @throws Failure ILLEGAL_STATE when the month is not over, nothing is due, or it is marked under another reference;
 *   IN_PROGRESS when others keep booking in that month
 */
export async function markPaid(
  deps: MarkPaidDeps,
  { djProfileId, month, reference }: { djProfileId: DjProfileId; month: string; reference: string },
  actor: string,
): Promise<PaidMark> {
  const now = deps.now();
  if (!isOver(month, now)) {
    throw new Failure('ILLEGAL_STATE', `${month} is not over: what is due for it may still change`);
  }
  await requireMoved(deps, month);
  const book = bookOf(platformCurrency);
  const account = accountOf(djProfileId);
  const months = monthsBetween(await carriedFrom(deps.ledger, book, month), month);
  for (let tries = 1; ; tries++) {
    const all = await deps.ledger.ofAccount(book, account, months);
    const last = all.at(-1);
    if (last?.paid !== undefined) return knownMark(last.paid, reference);
    const amount = last === undefined ? 0 : dueOf({ ...last.balance, carried: carriedThrough(all) });
    if (last === undefined || amount === 0)
      throw new Failure('ILLEGAL_STATE', 'Nothing is due for this month');
    const mark = { account, amount, reference, at: now.toISOString(), by: actor };
    try {
      await deps.ledger.markPaid(book, month, last.balance, mark);
      return mark;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (tries === triesMax) throw new Failure('IN_PROGRESS', undefined, { cause: error });
    }
  }
}

function knownMark(paid: PaidMark, reference: string): PaidMark {
  if (paid.reference === reference) return paid;
  throw new Failure('ILLEGAL_STATE', `The month is marked as paid under the reference ${paid.reference}`);
}
