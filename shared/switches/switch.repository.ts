// This folder is about what an operator can stop at once: all texts, all purchases of numbers.

import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';

/** What an operator can stop without a deployment. */
export const switchNames = ['texts', 'purchases'] as const;
export type SwitchName = (typeof switchNames)[number];

/** Whether something is stopped, since when, by whom and why. */
export interface SwitchState {
  name: SwitchName;
  stopped: boolean;
  reason: string | null;
  changedBy: string | null;
  changedAt: string | null;
}

/** The operator's switches. Everything runs until somebody stops it. */
export type SwitchRepository = ReturnType<typeof switchRepository>;

export function switchRepository(table: Pick<Table, 'get' | 'put'>) {
  async function find(name: SwitchName): Promise<SwitchState> {
    const item = await table.get(keys.operatorSwitch(name));
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      name,
      stopped: item?.stopped === true,
      reason: text(item?.reason),
      changedBy: text(item?.changedBy),
      changedAt: text(item?.updatedAt),
    };
  }

  return {
    find,

    /** Read from the table each time, so that a switch works at once. */
    async isStopped(name: SwitchName): Promise<boolean> {
      return (await find(name)).stopped;
    },

    async set(
      name: SwitchName,
      { stopped, reason, by }: { stopped: boolean; reason: string | null; by: string },
      now: Date,
    ): Promise<SwitchState> {
      const at = now.toISOString();
      await table.put({
        ...keys.operatorSwitch(name),
        entity: 'switch',
        stopped,
        reason,
        changedBy: by,
        createdAt: at,
        updatedAt: at,
      });
      return { name, stopped, reason, changedBy: by, changedAt: at };
    },
  };
}
