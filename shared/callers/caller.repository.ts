// This folder is about the phones that call: their last calls, how often they may call, and who has blocked them.

import type { OwnerId } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, present } from '#shared/table/conditions.ts';
import {
  type BlockList,
  type Caller,
  indexKeys,
  keys,
  partitions,
  platformList,
  readCallerKey,
} from '#shared/table/keys.ts';
import { isAmong, type KnownCaller } from './caller-fact.ts';

/** A caller on a block list. */
export interface Block {
  callerNumber: Caller;
  reason: string | null;
  by: string;
  at: string;
}

const callsKnown = 50;
const callsSearched = 1000;
const listsRead = 1000;

/** Who calls: block lists and earlier calls, by phone number or `anonymous`. */
export type CallerRepository = ReturnType<typeof callerRepository>;

export function callerRepository(table: Table) {
  async function hasCalled(callerNumber: Caller, owner: OwnerId): Promise<boolean> {
    const pk = `${partitions.caller}${callerNumber}`;
    const { items } = await table.query({ index: 'gsi2', pk, limit: callsSearched, newestFirst: true });
    return isAmong(
      items.map(({ gsi2sk }) => readCallerKey(String(gsi2sk))),
      owner,
    );
  }

  return {
    /** One round trip. Calls are known as soon as their follow-up is decided, or deferred. */
    async lookUp(callerNumber: Caller): Promise<KnownCaller> {
      const pk = `${partitions.caller}${callerNumber}`;
      const [blocks, calls] = await Promise.all([
        table.query({ pk, from: 'BLOCK#', to: 'BLOCK#\uffff', limit: listsRead }),
        table.query({ index: 'gsi2', pk, limit: callsKnown, newestFirst: true }),
      ]);
      return {
        blocks: blocks.items.map(({ sk, wasCalled }) => ({
          list: String(sk).slice('BLOCK#'.length) as BlockList,
          wasCalled: wasCalled === true,
        })),
        calls: calls.items.map(({ gsi2sk }) => readCallerKey(String(gsi2sk))),
      };
    },

    /**
     * Puts a caller on a list; answers the entry that stands there, which is the first. Whether the caller had called the
     * DJ is noted, since a phone's list of calls moves on.
     */
    async block(
      list: BlockList,
      callerNumber: Caller,
      { by, reason }: { by: string; reason: string | null },
      now: Date,
    ): Promise<Block> {
      const at = now.toISOString();
      const record: Block = { callerNumber, reason, by, at };
      const wasCalled = list !== platformList && (await hasCalled(callerNumber, list));
      const item = {
        ...keys.block(callerNumber, list),
        ...indexKeys.blocks(list, at, callerNumber),
        entity: 'block',
        record,
        wasCalled,
        createdAt: at,
        updatedAt: at,
      };
      try {
        await table.put(item, absent('pk'));
        return record;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || error.item === undefined) throw error;
        return error.item.record as Block;
      }
    },

    /** Takes a caller off a list; false when they are not on it. */
    async unblock(list: BlockList, callerNumber: Caller): Promise<boolean> {
      try {
        await table.transact([{ delete: keys.block(callerNumber, list), if: present('pk') }]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    /** The lists that a caller is on, and why. */
    async blocksOf(callerNumber: Caller): Promise<(Block & { list: BlockList })[]> {
      const pk = `${partitions.caller}${callerNumber}`;
      const { items } = await table.query({ pk, from: 'BLOCK#', to: 'BLOCK#\uffff', limit: listsRead });
      return items.map(({ sk, record }) => ({
        ...(record as Block),
        list: String(sk).slice('BLOCK#'.length) as BlockList,
      }));
    },

    /** A page of a list, newest first. */
    async blocked(
      list: BlockList,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ blocks: Block[]; next: Record<string, string> | undefined }> {
      const page = await table.query({
        index: 'gsi1',
        pk: `${partitions.caller}#LIST#${list}`,
        newestFirst: true,
        limit,
        after,
      });
      return { blocks: page.items.map((item: Item) => item.record as Block), next: page.next };
    },
  };
}
