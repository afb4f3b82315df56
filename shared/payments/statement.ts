import { stringify } from 'csv-stringify/sync';
import type * as z from 'zod';
import type { DjProfileId } from '#shared/id.ts';
import { toDecimal } from '#shared/money.ts';
import type { payoutReply, revenueReply } from './fields.ts';
import type { PaymentRepository, PostedLine } from './payment.repository.ts';
import { platformCurrency } from './payment.ts';

type Payout = z.input<typeof payoutReply>;
type Revenue = z.input<typeof revenueReply>;

export interface StatementDeps {
  payments: Pick<PaymentRepository, 'lines'>;
}

/** What we owe a DJ for a month: the lines of his account, credits as positive amounts. */
export async function payoutOf(
  deps: StatementDeps,
  djProfileId: DjProfileId,
  month: string,
): Promise<Payout> {
  const lines = inPlatformCurrency(await deps.payments.lines(`dj:${djProfileId}`, month));
  return {
    dj_profile_id: djProfileId,
    month,
    currency: platformCurrency,
    total: toDecimal(sumOf(lines, -1)),
    days: daysOf(lines).map((date) => ({ date, amount: toDecimal(sumOf(onDay(lines, date), -1)) })),
    lines: lines.map(({ at, paymentId, callId, amountCents }) => ({
      at,
      payment_id: paymentId,
      call_id: callId,
      amount: toDecimal(-amountCents),
    })),
  };
}

/** The lines of a payout for a spreadsheet; what a spreadsheet would take for a formula is text. */
export function payoutCsv(payout: Payout): string {
  return stringify(
    payout.lines.map(({ amount, ...line }) => ({
      ...line,
      amount: amount.toFixed(2),
      currency: payout.currency,
    })),
    { header: true, columns: ['at', 'payment_id', 'call_id', 'amount', 'currency'], escape_formulas: true },
  );
}

/** Revenue of a month by day of the ledger; what is left in suspense belongs to nobody yet. */
export async function revenueOf(deps: StatementDeps, month: string): Promise<Revenue> {
  const [received, platform, suspense] = (
    await Promise.all(
      ['tipjar', 'platform', 'suspense'].map((account) => deps.payments.lines(account, month)),
    )
  ).map(inPlatformCurrency) as [PostedLine[], PostedLine[], PostedLine[]];
  const figures = (date?: string) => {
    const on = (lines: PostedLine[]) => (date === undefined ? lines : onDay(lines, date));
    const inSuspense = sumOf(on(suspense), -1);
    const total = sumOf(on(received), 1) - inSuspense;
    const cut = sumOf(on(platform), -1);
    return {
      totalRevenue: toDecimal(total),
      platformCut: toDecimal(cut),
      djRevenue: toDecimal(total - cut),
      suspense: toDecimal(inSuspense),
    };
  };
  const days = daysOf([...received, ...platform, ...suspense]);
  return {
    month,
    currency: platformCurrency,
    ...figures(),
    days: days.map((date) => ({ date, ...figures(date) })),
  };
}

function inPlatformCurrency(lines: PostedLine[]): PostedLine[] {
  return lines.filter(({ currency }) => currency === platformCurrency);
}

function daysOf(lines: PostedLine[]): string[] {
  return [...new Set(lines.map(({ at }) => at.slice(0, 10)))].toSorted();
}

function onDay(lines: PostedLine[], date: string): PostedLine[] {
  return lines.filter(({ at }) => at.startsWith(date));
}

function sumOf(lines: PostedLine[], sign: 1 | -1): number {
  return sign * lines.reduce((sum, { amountCents }) => sum + amountCents, 0) + 0;
}
