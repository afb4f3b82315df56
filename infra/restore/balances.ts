import { isDeepStrictEqual } from 'node:util';
import { movedPrefix, postedPrefix } from '#shared/ledger/balance.ts';
import { type Counters, countersOf, type Entry, sumOf } from '#shared/ledger/entry.ts';
import { ConditionFailed, type Item } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { type Key, keys } from '#shared/table/keys.ts';
import type { Stage } from './stage.ts';

/** What stands of one balance, and what its entries come to. */
export interface KnownBalance {
  key: Key;
  account: string;
  stands: Item | undefined;
  /** By attribute: what was posted, and what was moved. */
  entries: Counters[];
}

/** Balances as a survey of the table finds them, by key. */
export class Balances {
  readonly #byKey = new Map<string, KnownBalance>();

  noteItem(item: Item): void {
    const key = { pk: String(item['pk']), sk: String(item['sk']) };
    this.#of(key).stands = item;
  }

  noteEntry(entry: Entry): void {
    const { book, account, at, cause, moved } = entry;
    const named = Object.entries(countersOf(entry)).map(
      ([name, credit]) => [`${moved ? movedPrefix : postedPrefix}${name}`, credit] as const,
    );
    this.#of(keys.balance(book, account, at.slice(0, 7), cause)).entries.push(Object.fromEntries(named));
  }

  all(): Iterable<KnownBalance> {
    return this.#byKey.values();
  }

  #of(key: Key): KnownBalance {
    const name = `${key.pk} ${key.sk}`;
    const known = this.#byKey.get(name) ?? { key, account: key.sk, stands: undefined, entries: [] };
    this.#byKey.set(name, known);
    return known;
  }
}

/** Makes a balance what its entries come to. True when it was wrong. */
export async function mendBalance(
  { table, now }: Pick<Stage, 'table' | 'now'>,
  { key, stands, entries }: KnownBalance,
): Promise<boolean> {
  const isCounter = ([name]: [string, unknown]) =>
    name.startsWith(postedPrefix) || name.startsWith(movedPrefix);
  const standing = Object.fromEntries(Object.entries(stands ?? {}).filter(isCounter)) as Counters;
  const wanted = sumOf([...Object.keys(standing).map((name) => ({ [name]: 0 })), ...entries]);
  if (isDeepStrictEqual(withoutZeros(standing), withoutZeros(wanted))) return false;
  const revision = stands?.['revision'] as number | undefined;
  try {
    const time = now().toISOString();
    await table.update(
      key,
      {
        set: { ...wanted, entity: 'balance', updatedAt: time },
        setOnce: { createdAt: time },
        add: { revision: 1 },
      },
      revision === undefined ? absent('revision') : equals('revision', revision),
    );
    return true;
  } catch (error) {
    // Booked this very moment: a repeated run finds it right, or mends it.
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

function withoutZeros(counters: Counters): Counters {
  return Object.fromEntries(Object.entries(counters).filter(([, credit]) => credit !== 0));
}
