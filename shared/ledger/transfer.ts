// This folder is double entry for whoever moves money: transfers between accounts, entries, and what accounts come to.

import * as z from 'zod';

/**
 * A ledger of its own in a unit of its own; amounts of two books are never added. `payments:usd` is what TipJar took in
 * for DJs, in cents of that currency.
 */
export type Book = `payments:${string}`;

/** Moves an amount, in the unit of its book, from one account to another. What it debits it credits: transfers sum to zero. */
export const storedTransfer = z
  .object({
    debit: z.string(),
    credit: z.string(),
    amount: z.int().positive(),
    /** What it is for, such as `refund`. */
    kind: z.string(),
  })
  .refine(({ debit, credit }) => debit !== credit, 'must name two accounts');

export type Transfer = z.output<typeof storedTransfer>;

/** What an account is credited against another one, by kind; negative is a debit. */
export interface Standing {
  account: string;
  against: string;
  kind: string;
  credit: number;
}

/**
 * The transfers that lead from what stands to what is wanted, none of them empty. A state and not an event says what is
 * wanted, so whatever happened in whatever order ends in the same balances.
 */
export function difference(standing: readonly Standing[], wanted: readonly Standing[]): Transfer[] {
  const changes = new Map<string, Standing>();
  const add = ({ account, against, kind, credit }: Standing, sign: 1 | -1) => {
    const name = JSON.stringify([account, against, kind]);
    const known = changes.get(name)?.credit ?? 0;
    changes.set(name, { account, against, kind, credit: known + sign * credit });
  };
  for (const one of wanted) add(one, 1);
  for (const one of standing) add(one, -1);
  return [...changes.values()].filter(({ credit }) => credit !== 0).map(transferOf);
}

function transferOf({ account, against, kind, credit }: Standing): Transfer {
  return credit > 0
    ? { debit: against, credit: account, amount: credit, kind }
    : { debit: account, credit: against, amount: -credit, kind };
}

/** What an account is credited by a transfer; negative where it is debited. */
export function creditOf(account: string, { debit, credit, amount }: Transfer): number {
  return (credit === account ? amount : 0) - (debit === account ? amount : 0);
}

/** The other side of a transfer, seen from an account. */
export function otherSide(account: string, { debit, credit }: Transfer): string {
  return credit === account ? debit : credit;
}

/** Credits less debits of every account; all together they are zero. */
export function balancesOf(transfers: readonly Transfer[]): Map<string, number> {
  const balances = new Map<string, number>();
  for (const { debit, credit, amount } of transfers) {
    balances.set(debit, (balances.get(debit) ?? 0) - amount);
    balances.set(credit, (balances.get(credit) ?? 0) + amount);
  }
  return balances;
}
