import type * as z from 'zod';
import type { CallId, DjProfileId, PaymentId } from '#shared/id.ts';
import { counting, netOf } from '#shared/ledger/entry.ts';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import { toDecimal } from '#shared/money.ts';
import { carriedFrom, carriedThrough, dueOf } from './carry-forward.ts';
import { csvOf } from './csv.ts';
import type { paidReply, payoutReply } from './fields.ts';
import { decimals, kindsOf, totalOf } from './figures.ts';
import { monthsBetween } from './month.ts';
import type { OldLines } from './old-lines.ts';
import { platformCurrency } from './payment.ts';
import { accountOf, bookOf } from './standing.ts';

type Payout = z.input<typeof payoutReply>;

export interface PayoutDeps {
  ledger: Pick<LedgerRepository, 'moved' | 'entries' | 'ofAccount' | 'carriedUntil'>;
  lines: Pick<OldLines, 'all' | 'page'>;
}

/** Days and months of the ledger are UTC. */
export const ledgerZone = 'UTC';

interface Line {
  at: string;
  paymentId: PaymentId;
  callId: CallId | null;
  cents: number;
}

/**
 * What we owe a DJ for a month, line by line of the ledger. How it is made up is unknown (null) while the lines of before
 * there were entries are being moved.
 */
export async function payoutOf(deps: PayoutDeps, djProfileId: DjProfileId, month: string): Promise<Payout> {
  const account = accountOf(djProfileId);
  const moved = await deps.ledger.moved();
  const [lines, made] = await Promise.all([
    linesOf(deps, account, month, moved),
    makeUpOf(deps, account, month, moved),
  ]);
  const cents = (some: Line[]) => some.reduce((sum, line) => sum + line.cents, 0);
  const dates = [...new Set(lines.map(({ at }) => at.slice(0, 10)))].toSorted();
  return {
    dj_profile_id: djProfileId,
    month,
    time_zone: ledgerZone,
    currency: platformCurrency,
    total: toDecimal(cents(lines)),
    days: dates.map((date) => ({
      date,
      amount: toDecimal(cents(lines.filter(({ at }) => at.startsWith(date)))),
    })),
    lines: lines.map((line) => ({
      at: line.at,
      payment_id: line.paymentId,
      call_id: line.callId,
      amount: toDecimal(line.cents),
    })),
    ...made,
  };
}

async function linesOf(
  { ledger, lines: old }: PayoutDeps,
  account: string,
  month: string,
  moved: boolean,
): Promise<Line[]> {
  const [entries, lines] = await Promise.all([
    ledger.entries(account, month),
    moved ? [] : old.all(account, month),
  ]);
  const ofLines = lines
    .filter(({ currency }) => currency === platformCurrency)
    .map(({ amountCents, ...line }) => ({ ...line, cents: -amountCents }));
  const ofEntries = counting(entries, moved)
    .filter(({ book }) => book === bookOf(platformCurrency))
    .map((entry) => ({ ...entry, cents: netOf(entry) }))
    .filter(({ cents }) => cents !== 0);
  return [...ofLines, ...ofEntries].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

type MakeUp = Pick<Payout, 'gross' | 'fee' | 'kinds' | 'carried_forward' | 'due' | 'paid'>;

async function makeUpOf(deps: PayoutDeps, account: string, month: string, moved: boolean): Promise<MakeUp> {
  const book = bookOf(platformCurrency);
  const months = monthsBetween(await carriedFrom(deps.ledger, book, month), month);
  const unknown = { gross: null, fee: null, kinds: null, carried_forward: null, due: null, paid: null };
  if (!moved && (await hasLines(deps.lines, [account], months))) return unknown;
  const all = await deps.ledger.ofAccount(book, account, months);
  const last = all.at(-1);
  if (last === undefined) return unknown;
  const carried = carriedThrough(all);
  const { gross, fee } = decimals(totalOf(last.balance.counters));
  return {
    gross,
    fee,
    kinds: kindsOf(last.balance.counters),
    carried_forward: toDecimal(carried),
    due: toDecimal(dueOf({ ...last.balance, carried })),
    paid: last.paid === undefined ? null : paidOf(last.paid),
  };
}

/** True when one of the accounts has lines in these months. */
export async function hasLines(
  lines: Pick<OldLines, 'page'>,
  accounts: readonly string[],
  months: readonly string[],
): Promise<boolean> {
  const pages = await Promise.all(
    accounts.flatMap((account) => months.map((month) => lines.page(account, month, 1))),
  );
  return pages.some((page) => page.lines.length > 0);
}

/** A mark in the API's words. */
export function paidOf(mark: {
  amount: number;
  reference: string;
  at: string;
  by: string;
}): z.input<typeof paidReply> {
  return { amount: toDecimal(mark.amount), reference: mark.reference, at: mark.at, by: mark.by };
}

/** The lines of a payout for a spreadsheet. */
export function payoutCsv({ lines, currency }: Payout): string {
  return csvOf(
    ['at', 'payment_id', 'call_id', 'amount', 'currency'],
    lines.map((line) => ({ ...line, currency })),
  );
}
