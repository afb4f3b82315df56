import type { E164 } from '#shared/id.ts';
import type { OpenCalls } from '#shared/numbers/open-calls.ts';
import type { Table } from '#shared/table/client.ts';
import { openCallLists, readOpenCallKey } from '#shared/table/keys.ts';

/** Calls whose follow-up is neither decided nor deferred, without reading the calls themselves. */
export function openCalls(table: Pick<Table, 'query'>): OpenCalls {
  return {
    async hasOpenCall(phoneNumber: E164, since: Date): Promise<boolean> {
      for (const pk of openCallLists) {
        let after: Record<string, string> | undefined;
        do {
          const page = await table.query({ index: 'gsi2', pk, from: since.toISOString(), limit: 500, after });
          if (page.items.some(({ gsi2sk }) => readOpenCallKey(String(gsi2sk)).virtualNumber === phoneNumber))
            return true;
          after = page.next;
        } while (after !== undefined);
      }
      return false;
    },
  };
}
