import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { type Repointing, storedRepointing } from './repointing.ts';

/** The last repointing of the stage; there is only one. */
export type RepointingRepository = ReturnType<typeof repointingRepository>;

export function repointingRepository(table: Pick<Table, 'get' | 'put'>) {
  return {
    /** The last one; undefined before the timer has ever run. */
    async find(): Promise<Repointing | undefined> {
      const item = await table.get(keys.repointing());
      return item && storedRepointing.parse(item.record);
    },

    async save(record: Repointing): Promise<void> {
      const { since: createdAt, updatedAt } = record;
      await table.put({ ...keys.repointing(), entity: 'repointing', record, createdAt, updatedAt });
    },
  };
}
