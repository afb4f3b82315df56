import type { Write } from '#shared/table/client.ts';
import { absent } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';
import { movedPrefix, postedPrefix } from './balance.ts';
import { countersOf, type Entry } from './entry.ts';

/** The writes that post an entry: itself, and its account's balance. They belong into the transaction of their cause. */
export function postingOf(entry: Entry): Write[] {
  const { book, account, cause, at, callId, moved } = entry;
  const prefix = moved ? movedPrefix : postedPrefix;
  const add = Object.entries(countersOf(entry)).map(([name, credit]) => [prefix + name, credit] as const);
  const balance: Write = {
    update: keys.balance(book, account, at.slice(0, 7), cause),
    changes: {
      add: { ...Object.fromEntries(add), revision: 1 },
      set: { entity: 'balance', updatedAt: at },
      setOnce: { createdAt: at },
    },
  };
  const item = { ...keys.ledgerEntry(account, at, cause), entity: 'ledger-entry', ...entry };
  return [
    { put: { ...item, createdAt: at, updatedAt: at }, if: absent('pk') },
    balance,
    ...(callId === null && account.includes(':') ? [withoutCall(entry, prefix)] : []),
  ];
}

/** Money that belongs to no call stands in no counter of calls: analytics tell it apart. */
function withoutCall({ book, account, at, transfers }: Entry, prefix: string): Write {
  const day = at.slice(0, 10);
  const counters = Object.entries(countersOf({ account, at, transfers })).filter(
    ([name]) => !/^\d\d_/.test(name),
  );
  return {
    update: keys.withoutCall(book, account, day),
    changes: {
      add: Object.fromEntries(counters.map(([name, credit]) => [prefix + name, credit])),
      set: { entity: 'without-call', updatedAt: at },
      setOnce: { createdAt: at },
    },
  };
}
