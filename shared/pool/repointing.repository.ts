import * as z from 'zod';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';

const repointing = z.object({
  /** The base URL that all numbers are to have. */
  baseUrl: z.string(),
  /** Not begun, since the URL cannot be reached; under way; all numbers have it; given up for some of them. */
  status: z.enum(['pending', 'running', 'done', 'failed']),
  /** When the timer first saw that base URL. */
  since: z.string(),
  /** When the API was first reached under it. */
  reachedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  updatedAt: z.string(),
  /** Numbers of ours at Twilio, and how many of them have it; null until they were counted. */
  total: z.int().nullable(),
  pointed: z.int().nullable(),
  /** Numbers that somebody pointed elsewhere, which only an audit undoes. */
  elsewhere: z.int(),
  /** Sids of numbers that Twilio refused to change; they are tried last. */
  failed: z.array(z.string()),
  problem: z.string().nullable(),
});

/** How far the numbers are pointed to the base URL of a deployment. */
export type Repointing = z.output<typeof repointing>;

export type RepointingRepository = ReturnType<typeof repointingRepository>;

export function repointingRepository(table: Pick<Table, 'get' | 'put'>) {
  return {
    /** The last one; undefined before the timer has ever run. */
    async find(): Promise<Repointing | undefined> {
      const item = await table.get(keys.repointing());
      return item && repointing.parse(item.record);
    },

    async save(record: Repointing): Promise<void> {
      const { since: createdAt, updatedAt } = record;
      await table.put({ ...keys.repointing(), entity: 'repointing', record, createdAt, updatedAt });
    },
  };
}
