import type { DjProfileId } from '#shared/id.ts';
import type { Entry } from '#shared/ledger/entry.ts';
import { type Book, difference, type Standing } from '#shared/ledger/transfer.ts';
import { cutCents } from '#shared/money.ts';
import { moneyKinds } from './money-kinds.ts';
import type { Payment } from './payment.ts';

/** The account of what we owe a DJ. */
export const accountOf = (djProfileId: DjProfileId) => `dj:${djProfileId}`;

/** Whose account this is; undefined of those of the platform. */
export function djOfAccount(account: string): DjProfileId | undefined {
  return account.startsWith('dj:') ? (account.slice('dj:'.length) as DjProfileId) : undefined;
}

/** The account of money of which nobody knows whose it is. */
export const suspense = 'suspense';

/** What TipJar owes us. */
export const tipJarAccount = 'tipjar';

/** What the platform earned. */
export const platformAccount = 'platform';

/** The book of payments in a currency: amounts are cents. */
export function bookOf(currency: string): Book {
  return `payments:${currency}`;
}

/**
 * What a payment leaves in the ledger: TipJar pays its DJ, and the DJ pays the platform its cut of what is left. Each kind
 * is told apart, its fee as well: a refund gives back cut(before) - cut(after). Money in suspense has no fee.
 */
export function standingOf(payment: Payment | undefined): Standing[] {
  if (payment === undefined) return [];
  const { grossCents, refundedCents, disputedCents } = payment.booked;
  const { djProfileId } = payment;
  const account = djProfileId === null ? suspense : accountOf(djProfileId);
  const left = [grossCents, grossCents - refundedCents, grossCents - refundedCents - disputedCents];
  return moneyKinds
    .flatMap((kind, step): Standing[] => {
      const [before, after] = [step === 0 ? 0 : (left[step - 1] ?? 0), left[step] ?? 0];
      const credit = after - before;
      const fee = djProfileId === null ? 0 : cutCents(after) - cutCents(before);
      return [
        { account, against: tipJarAccount, kind, credit },
        { account, against: platformAccount, kind, credit: -fee },
      ];
    })
    .filter(({ credit }) => credit !== 0);
}

/** What is to be posted when a payment comes to something else than what stands: an entry for each account that changes. */
export function entriesOf(
  standing: readonly Standing[],
  payment: Payment,
  { cause, at }: { cause: string; at: string },
): Entry[] {
  const wanted = standingOf(payment);
  const accounts = [...new Set([...standing, ...wanted].map(({ account }) => account))];
  return accounts.flatMap((account) => {
    const of = (all: readonly Standing[]) => all.filter((one) => one.account === account);
    const transfers = difference(of(standing), of(wanted));
    if (transfers.length === 0) return [];
    const { paymentId, callId, currency } = payment;
    return [{ book: bookOf(currency), account, cause, at, transfers, paymentId, callId, moved: false }];
  });
}

/** What booked a payment for this time; each revision of a payment is saved once. */
export function causeOf({ paymentId, revision }: Pick<Payment, 'paymentId' | 'revision'>): string {
  return `${paymentId}#${revision}`;
}
