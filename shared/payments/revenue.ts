import type * as z from 'zod';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import { toDecimal } from '#shared/money.ts';
import { csvOf } from './csv.ts';
import type { revenueReply } from './fields.ts';
import { type Cents, centsOf, sumOfCents } from './figures.ts';
import { monthPlus } from './month.ts';
import { type OldLine, type OldLines, oldPlatformAccounts } from './old-lines.ts';
import { platformCurrency } from './payment.ts';
import { ledgerZone } from './payout.ts';
import { bookOf, djOfAccount, suspense, tipJarAccount } from './standing.ts';

type Revenue = z.input<typeof revenueReply>;

export interface RevenueDeps {
  ledger: Pick<LedgerRepository, 'moved' | 'month'>;
  lines: Pick<OldLines, 'all'>;
}

/** A day, in cents. */
interface Day {
  djs: Cents;
  suspense: number;
  /** False when nothing was booked. */
  hasMoved: boolean;
}

/** Revenue of a month by day of the ledger; what is left in suspense belongs to nobody yet. */
export async function revenueOf(deps: RevenueDeps, month: string): Promise<Revenue> {
  const moved = await deps.ledger.moved();
  const [{ balances }, ...lines] = await Promise.all([
    deps.ledger.month(bookOf(platformCurrency), month),
    ...(moved ? [] : oldPlatformAccounts.map((account) => deps.lines.all(account, month))),
  ]);
  const old = lines.flat().filter(({ currency }) => currency === platformCurrency);
  const days = daysOf(month).map((date) => {
    const name = date.slice(8);
    const ofDjs = balances.filter(({ account }) => djOfAccount(account) !== undefined);
    const inSuspense = balances.filter(({ account }) => account === suspense);
    const before = ofOldLines(old.filter(({ at }) => at.startsWith(date)));
    return {
      date,
      hasMoved: before.hasMoved || balances.some(({ counters }) => `${name}_${tipJarAccount}` in counters),
      djs: sumOfCents([before.djs, ...ofDjs.map(({ counters }) => centsOf(counters, name))]),
      suspense: before.suspense + sumOfCents(inSuspense.map(({ counters }) => centsOf(counters, name))).gross,
    };
  });
  return {
    month,
    time_zone: ledgerZone,
    currency: platformCurrency,
    ...figuresOf(days),
    days: days.filter(({ hasMoved }) => hasMoved).map(({ date, ...day }) => ({ date, ...figuresOf([day]) })),
  };
}

/** The days of a revenue for a spreadsheet. */
export function revenueCsv({ days, currency }: Revenue): string {
  return csvOf(
    ['date', 'totalRevenue', 'platformCut', 'djRevenue', 'suspense', 'currency'],
    days.map((day) => ({ ...day, currency })),
  );
}

function figuresOf(days: readonly Day[]) {
  const { gross, fee, net } = sumOfCents(days.map(({ djs }) => djs));
  return {
    totalRevenue: toDecimal(gross),
    platformCut: toDecimal(fee),
    djRevenue: toDecimal(net),
    suspense: toDecimal(days.reduce((sum, day) => sum + day.suspense, 0)),
  };
}

function ofOldLines(lines: readonly OldLine[]): Day {
  const sum = (name: string) =>
    lines.filter(({ account }) => account === name).reduce((cents, line) => cents + line.amountCents, 0);
  const [received, inSuspense, fee] = [sum(tipJarAccount), 0 - sum(suspense), 0 - sum('platform')];
  const gross = received - inSuspense;
  return { djs: { gross, fee, net: gross - fee }, suspense: inSuspense, hasMoved: lines.length > 0 };
}

function daysOf(month: string): string[] {
  const [first, next] = [Date.parse(`${month}-01`), Date.parse(`${monthPlus(month, 1)}-01`)];
  return Array.from({ length: Math.round((next - first) / 86_400_000) }, (_, day) =>
    new Date(first + day * 86_400_000).toISOString().slice(0, 10),
  );
}
