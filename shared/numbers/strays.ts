import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';

/** Calls that reach our numbers while no DJ holds them. Without a schema library: the call handler notes them. */
export type Strays = ReturnType<typeof strays>;

export function strays(table: Pick<Table, 'get' | 'update'>) {
  return {
    /** Counts one more call. */
    async note(phoneNumber: string, at: Date): Promise<void> {
      const time = at.toISOString();
      await table.update(keys.strays(phoneNumber), {
        add: { calls: 1 },
        set: { entity: 'strays', lastCallAt: time, updatedAt: time },
        setOnce: { createdAt: time },
      });
    },

    /** When the number was last called like that; undefined when never. */
    async lastOf(phoneNumber: string): Promise<Date | undefined> {
      const item = await table.get(keys.strays(phoneNumber));
      return item && new Date(String(item.lastCallAt));
    },
  };
}
