import type { Balance } from './balance.ts';
import { type Counters, countersOf, counting, sumOf } from './entry.ts';
import type { LedgerRepository } from './ledger.repository.ts';
import type { Book } from './transfer.ts';

export interface CompareDeps {
  ledger: Pick<LedgerRepository, 'moved' | 'month' | 'entries'>;
  random(): number;
}

/** A balance that is not what its entries come to. */
export interface BalanceDiffers {
  month: string;
  account: string;
  balance: Counters;
  entries: Counters;
}

const triesMax = 3;

/** Compares the balances of some accounts of a month, drawn at random, with what their entries come to. */
export async function compareBalances(
  deps: CompareDeps,
  book: Book,
  month: string,
  accountsMax: number,
): Promise<{ compared: number; differing: BalanceDiffers[] }> {
  const { balances } = await deps.ledger.month(book, month);
  const some = balances
    .map((balance) => ({ balance, place: deps.random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, accountsMax)
    .map(({ balance }) => balance);
  const differing: BalanceDiffers[] = [];
  for (const balance of some) {
    const differs = await compare(deps, book, month, balance);
    if (differs !== undefined) differing.push(differs);
  }
  return { compared: some.length, differing };
}

/** What is booked meanwhile is no difference: it is looked at again until the balance stands still. */
async function compare(
  { ledger }: CompareDeps,
  book: Book,
  month: string,
  seen: Balance,
): Promise<BalanceDiffers | undefined> {
  let balance = seen;
  for (let tries = 1; tries <= triesMax; tries++) {
    const moved = await ledger.moved();
    const entries = await ledger.entries(balance.account, month);
    const own = counting(entries, moved).filter((entry) => entry.book === book);
    const expected = withoutZeros(sumOf(own.map(countersOf)));
    const stands = withoutZeros(balance.counters);
    if (isSame(expected, stands)) return undefined;
    const { balances } = await ledger.month(book, month);
    const again = balances.find(({ account }) => account === balance.account);
    if (again === undefined || again.revision === balance.revision)
      return { month, account: balance.account, balance: stands, entries: expected };
    balance = again;
  }
  return undefined;
}

function withoutZeros(counters: Counters): Counters {
  return Object.fromEntries(Object.entries(counters).filter(([, credit]) => credit !== 0));
}

function isSame(a: Counters, b: Counters): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}
