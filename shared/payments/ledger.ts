import { cutCents } from '#shared/money.ts';

/** An account of the ledger: what TipJar owes us, what we owe a DJ, what the platform earned, what belongs to nobody yet. */
export type Account = 'tipjar' | 'platform' | 'suspense' | `dj:${string}`;

/** One line: positive is owed to us (debit), negative is owed by us or earned (credit). */
export interface LedgerLine {
  account: Account;
  amountCents: number;
}

/** A payment for a DJ's call: TipJar owes the amount, the platform earned its cut, the DJ gets the rest. Sums to zero. */
export function paymentLines(djProfileId: string, amountCents: number): LedgerLine[] {
  const cut = cutCents(amountCents);
  return [
    { account: 'tipjar', amountCents },
    { account: 'platform', amountCents: -cut },
    { account: `dj:${djProfileId}`, amountCents: cut - amountCents },
  ].filter((line): line is LedgerLine => line.amountCents !== 0);
}

/** Money that no call is known for: kept in suspense until somebody says whose it is. Sums to zero. */
export function suspenseLines(amountCents: number): LedgerLine[] {
  return [
    { account: 'tipjar', amountCents },
    { account: 'suspense', amountCents: -amountCents },
  ];
}
