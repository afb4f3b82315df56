import type { E164 } from '#shared/id.ts';
import type { Item, Table, Write } from '#shared/table/client.ts';
import { absent, below, either } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** How a number is called. Times are null when it never was. */
export interface NumberUsage {
  /** Calls to a DJ, once they were counted. */
  calls: number;
  lastCallAt: Date | null;
  /** Calls while no DJ held the number. */
  strayCalls: number;
  lastStrayAt: Date | null;
}

const unused: NumberUsage = { calls: 0, lastCallAt: null, strayCalls: 0, lastStrayAt: null };

/** How often each number was called. Without a schema library: the call handler notes strays. */
export type Usage = ReturnType<typeof usage>;

export function usage(table: Pick<Table, 'getMany' | 'update'>) {
  return {
    /** Counts one more call that reached the number while no DJ held it. */
    async noteStray(phoneNumber: E164, at: Date): Promise<void> {
      const time = at.toISOString();
      await table.update(keys.usage(phoneNumber), {
        add: { strayCalls: 1 },
        set: { entity: 'usage', lastStrayAt: time, updatedAt: time },
        setOnce: { createdAt: time },
      });
    },

    async of(phoneNumber: E164): Promise<NumberUsage> {
      const [item] = await table.getMany([keys.usage(phoneNumber)]);
      return readUsage(item);
    },

    /** Of each number, in their order; at most 100. */
    async ofMany(phoneNumbers: E164[]): Promise<NumberUsage[]> {
      if (phoneNumbers.length === 0) return [];
      const items = await table.getMany(phoneNumbers.map(keys.usage));
      const found = new Map(items.map((item) => [item.pk, item]));
      return phoneNumbers.map((phoneNumber) => readUsage(found.get(keys.usage(phoneNumber).pk)));
    },
  };
}

/**
 * Adds calls to a number's count, in the transaction that marks them as counted. With `lastCallAt` it also keeps the time
 * of the last of them, on the condition that no later one is known.
 */
export function usageWrite(
  phoneNumber: E164,
  { calls, lastCallAt }: { calls: number; lastCallAt?: string | undefined },
  now: Date,
): Write {
  const time = now.toISOString();
  return {
    update: keys.usage(phoneNumber),
    changes: {
      add: { calls },
      set: { entity: 'usage', lastCallAt, updatedAt: time },
      setOnce: { createdAt: time },
    },
    ...(lastCallAt !== undefined && {
      if: either(absent('lastCallAt'), below('lastCallAt', lastCallAt)),
    }),
  };
}

function readUsage(item: Item | undefined): NumberUsage {
  if (item === undefined) return unused;
  const time = (name: string) => {
    const at = item[name];
    return typeof at === 'string' ? new Date(at) : null;
  };
  return {
    calls: Number(item.calls ?? 0),
    lastCallAt: time('lastCallAt'),
    strayCalls: Number(item.strayCalls ?? 0),
    lastStrayAt: time('lastStrayAt'),
  };
}
