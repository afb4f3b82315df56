import type { Changes, Condition } from './conditions.ts';
import type { Key } from './keys.ts';

/** An item as it stands in the table; repositories parse it. */
export type Item = Record<string, unknown>;

/** One write of a transaction. */
export type Write =
  | { put: Item & Key; if?: Condition }
  | { update: Key; changes: Changes; if?: Condition }
  | { delete: Key; if?: Condition }
  | { check: Key; if: Condition };

export interface Query {
  index?: 'gsi1' | 'gsi2';
  pk: string;
  /** Bounds of the sort key, both inclusive. */
  from?: string;
  to?: string;
  limit: number;
  newestFirst?: boolean;
  /** Where to go on, as `next` of the last page gave it; another place is refused with Failure INVALID_CURSOR. */
  after?: Record<string, string>;
}

export interface Page {
  items: Item[];
  /** Where to go on; undefined exactly when nothing follows. */
  next: Record<string, string> | undefined;
}

/**
 * The single table. Reads are consistent but for those of an index. A write whose reply is lost is sent again and done
 * once: it knows its own first try. Everything throws Failure OVERLOADED when the table is throttled, in conflict with
 * others to the end, or out of reach; of a write it is unknown then whether it was done.
 */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  /** At most 100 keys, some perhaps twice; the order of the answer is that of the keys, what is not there is left out. */
  getMany(keys: Key[]): Promise<Item[]>;
  query(query: Query): Promise<Page>;
  /** How many items a partition of an index holds, from a sort key on; reads as many bytes as `query` would. */
  count(query: { index: 'gsi1' | 'gsi2'; pk: string; from?: string }): Promise<number>;
  /** @throws ConditionFailed */
  put(item: Item & Key, condition?: Condition): Promise<void>;
  /** Answers the item as it stands afterwards. @throws ConditionFailed */
  update(key: Key, changes: Changes, condition?: Condition): Promise<Item>;
  /** All or nothing. @throws ConditionFailed */
  transact(writes: Write[]): Promise<void>;
}
