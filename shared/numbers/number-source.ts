import type { DjProfileId, E164 } from '#shared/id.ts';
import { keys } from '#shared/table/keys.ts';
import type { Table } from '#shared/table/table.ts';
import type { VirtualNumber } from './number.ts';
import { readNumber } from './read-number.ts';

/** Where webhooks find a number by itself or by the DJ who holds it. One read each, without a schema library. */
export function numberSource(table: Pick<Table, 'get'>) {
  return {
    async findNumber(phoneNumber: E164): Promise<VirtualNumber | undefined> {
      const item = await table.get(keys.number(phoneNumber));
      return item && readNumber(item);
    },

    /** Undefined too while a number is only being found for the DJ. */
    async findHold(djProfileId: DjProfileId): Promise<VirtualNumber | undefined> {
      const item = await table.get(keys.djNumber(djProfileId));
      return item?.state === 'held' ? readNumber(item) : undefined;
    },
  };
}
