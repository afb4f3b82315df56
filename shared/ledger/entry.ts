import * as z from 'zod';
import type { CallId, PaymentId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';
import { type Book, creditOf, otherSide, storedTransfer } from './transfer.ts';

/**
 * What one cause posts to an account, all or nothing: an item that is written once and never changed. A payment of 50.00 is
 * an entry of two transfers: `tipjar` to the DJ 5000, the DJ to `platform` 750.
 */
export const storedEntry = z.object({
  book: z.custom<Book>((value) => typeof value === 'string'),
  /** Whose it is: each of the transfers has this account on one side. */
  account: z.string(),
  /** What posted it; each cause posts once. */
  cause: z.string(),
  at: z.string(),
  transfers: z.array(storedTransfer).min(1),
  paymentId: keptId<PaymentId>(),
  callId: keptId<CallId>().nullable(),
  /** True for what was posted before there were entries. */
  moved: z.boolean().default(false),
});

export type Entry = z.output<typeof storedEntry>;

/** What an entry changes in the balance of its account, by name: `<kind>_<other account>` and `<day>_<other account>`. */
export function countersOf({
  account,
  at,
  transfers,
}: Pick<Entry, 'account' | 'at' | 'transfers'>): Counters {
  const counters: Record<string, number> = {};
  for (const transfer of transfers) {
    const credit = creditOf(account, transfer);
    const other = otherSide(account, transfer);
    for (const name of [`${transfer.kind}_${other}`, `${at.slice(8, 10)}_${other}`])
      counters[name] = (counters[name] ?? 0) + credit;
  }
  return Object.fromEntries(Object.entries(counters).filter(([, credit]) => credit !== 0));
}

/** Credits less debits, by name. */
export type Counters = Readonly<Record<string, number>>;

/** Adds counters up, by name; what comes to zero stays, since something was posted. */
export function sumOf(all: readonly Counters[]): Counters {
  const sum: Record<string, number> = {};
  for (const counters of all)
    for (const [name, credit] of Object.entries(counters)) sum[name] = (sum[name] ?? 0) + credit;
  return sum;
}

/** What an entry leaves on its account: credits less debits. */
export function netOf({ account, transfers }: Pick<Entry, 'account' | 'transfers'>): number {
  return transfers.reduce((sum, transfer) => sum + creditOf(account, transfer), 0);
}

/** Entries that count: those that were moved only once all are. */
export function counting(entries: readonly Entry[], moved: boolean): Entry[] {
  return entries.filter((entry) => moved || !entry.moved);
}
