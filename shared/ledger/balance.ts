import type { Item } from '#shared/table/client.ts';
import { type Counters, sumOf } from './entry.ts';

/** What the entries of an account's month come to. */
export interface Balance {
  account: string;
  counters: Counters;
  /** How often it was posted to; undefined when it never was. */
  revision: number | undefined;
  /** What was left over from earlier months, zero or less, once that is settled. */
  carried: number;
}

/** Who was paid what a month left, how, and by whom it was noted. */
export interface PaidMark {
  account: string;
  amount: number;
  reference: string;
  at: string;
  by: string;
}

/** What was posted, and what was moved: that counts only once all is. */
export const postedPrefix = 'n_';
export const movedPrefix = 'm_';

/** The balance of an account that nothing was posted to. */
export function nothingOn(account: string): Balance {
  return { account, counters: {}, revision: undefined, carried: 0 };
}

/** Reads a balance. */
export function balanceOf(item: Item, moved: boolean): Balance {
  return {
    account: String(item.sk),
    counters: countersIn(item, moved),
    revision: item.revision as number | undefined,
    carried: Number(item.carried ?? 0),
  };
}

/** Reads counters. */
export function countersIn(item: Item, moved: boolean): Counters {
  const prefixes = moved ? [postedPrefix, movedPrefix] : [postedPrefix];
  return sumOf(
    prefixes.map((prefix) =>
      Object.fromEntries(
        Object.entries(item)
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, credit]) => [name.slice(prefix.length), Number(credit)]),
      ),
    ),
  );
}
