import type { Balance, PaidMark } from '#shared/ledger/balance.ts';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import type { Book } from '#shared/ledger/transfer.ts';
import { totalOf } from './figures.ts';
import { monthPlus, monthsBetween } from './month.ts';
import { djOfAccount } from './standing.ts';

/** A timer notes every month what the one before left; no stage goes without it for so long. */
const monthsBackMax = 12;

/**
 * What a month leaves for the next one, in cents: less than nothing is carried forward, the rest is to be paid. What was paid
 * is paid: if the month came to something else afterwards, the difference is carried.
 */
export function leftOver(balance: Balance, paid: PaidMark | undefined): number {
  const left = balance.carried + totalOf(balance.counters).net;
  return paid === undefined ? Math.min(0, left) : left - paid.amount;
}

/** What is to be paid to a DJ for a month, in cents. */
export function dueOf(balance: Balance): number {
  return Math.max(0, balance.carried + totalOf(balance.counters).net);
}

/** The month up to this one from which on what was carried has to be worked out. */
export async function carriedFrom(
  ledger: Pick<LedgerRepository, 'carriedUntil'>,
  book: Book,
  month: string,
): Promise<string> {
  const [earliest, noted] = [monthPlus(month, -monthsBackMax), await ledger.carriedUntil(book, month)];
  return noted === undefined || noted < earliest ? earliest : noted;
}

/** What each DJ has left from before a month, in cents; those without are left out. */
export async function carriedInto(
  ledger: Pick<LedgerRepository, 'carriedUntil' | 'month'>,
  book: Book,
  month: string,
): Promise<Map<string, number>> {
  const from = await carriedFrom(ledger, book, month);
  const months = [];
  // One after the other: each is a query of all partitions.
  for (const one of monthsBetween(from, month)) months.push(await ledger.month(book, one));
  const ofDjs = months.map(({ balances, paid }) => ({
    balances: balances.filter(({ account }) => djOfAccount(account) !== undefined),
    paid: new Map(paid.map((mark) => [mark.account, mark])),
  }));
  const [first] = ofDjs;
  let carried = new Map(first?.balances.map(({ account, carried: noted }) => [account, noted]));
  for (const { balances, paid } of ofDjs.slice(0, -1)) {
    const next = new Map(carried);
    for (const balance of balances) {
      const { account } = balance;
      next.set(account, leftOver({ ...balance, carried: carried.get(account) ?? 0 }, paid.get(account)));
    }
    // Who got nothing in a month still owes what they owed.
    carried = next;
  }
  return new Map([...carried].filter(([, cents]) => cents !== 0));
}

/** What one DJ has left from before the last of these months, which begin where it has to be worked out. */
export function carriedThrough(months: readonly { balance: Balance; paid: PaidMark | undefined }[]): number {
  let carried = months[0]?.balance.carried ?? 0;
  for (const { balance, paid } of months.slice(0, -1)) carried = leftOver({ ...balance, carried }, paid);
  return carried;
}

/** Notes with a month what was left before it, so that nobody has to look further back. Done again it changes nothing. */
export async function carryForward(
  ledger: Pick<LedgerRepository, 'carriedUntil' | 'month' | 'carry'>,
  book: Book,
  month: string,
  now: Date,
): Promise<number> {
  const before = await carriedInto(ledger, book, monthPlus(month, -1));
  const last = await ledger.month(book, monthPlus(month, -1));
  const paid = new Map(last.paid.map((mark) => [mark.account, mark]));
  const owed = new Map(before);
  for (const balance of last.balances) {
    const { account } = balance;
    if (djOfAccount(account) === undefined) continue;
    owed.set(account, leftOver({ ...balance, carried: before.get(account) ?? 0 }, paid.get(account)));
  }
  const { balances } = await ledger.month(book, month);
  const noted = new Map(balances.map(({ account, carried }) => [account, carried]));
  const changed = new Map([...owed].filter(([account, cents]) => cents !== (noted.get(account) ?? 0)));
  const gone = [...noted].filter(([account, cents]) => cents !== 0 && !owed.has(account));
  for (const [account] of gone) changed.set(account, 0);
  await ledger.carry(book, month, changed, now);
  return changed.size;
}
