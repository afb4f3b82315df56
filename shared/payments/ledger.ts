import type { DjProfileId } from '#shared/id.ts';
import { cutCents } from '#shared/money.ts';

/** An account of the ledger: what TipJar owes us, what we owe a DJ, what the platform earned, what belongs to nobody yet. */
export type Account = 'tipjar' | 'platform' | 'suspense' | `dj:${string}`;

/** One line: positive is owed to us (debit), negative is owed by us or earned (credit). */
export interface LedgerLine {
  account: Account;
  amountCents: number;
}

/** Balances that a payment leaves: TipJar owes what is left of it, the platform earned its cut, the DJ gets the rest. */
export function paymentLines(djProfileId: DjProfileId, netCents: number): LedgerLine[] {
  const cut = cutCents(netCents);
  return [
    { account: 'tipjar', amountCents: netCents },
    { account: 'platform', amountCents: -cut },
    { account: `dj:${djProfileId}`, amountCents: cut - netCents },
  ];
}

/** The same for money of which nobody knows whose it is: kept in suspense until somebody says. */
export function suspenseLines(netCents: number): LedgerLine[] {
  return [
    { account: 'tipjar', amountCents: netCents },
    { account: 'suspense', amountCents: -netCents },
  ];
}

/**
 * The lines that lead from some balances to others, none of them empty. Both sides sum to zero, so these do; a refund
 * thereby takes back exactly cut(net before) - cut(net after) from the platform.
 */
export function difference(before: LedgerLine[], after: LedgerLine[]): LedgerLine[] {
  const change = new Map<Account, number>();
  for (const { account, amountCents } of after) change.set(account, (change.get(account) ?? 0) + amountCents);
  for (const { account, amountCents } of before)
    change.set(account, (change.get(account) ?? 0) - amountCents);
  return [...change]
    .map(([account, amountCents]) => ({ account, amountCents }))
    .filter(({ amountCents }) => amountCents !== 0);
}
