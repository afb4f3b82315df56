import type { Table } from '#shared/table/client.ts';
import { keys, partitions } from '#shared/table/keys.ts';

/** What an admin did, or was refused. */
export interface Act {
  at: string;
  /** Role and id. */
  actor: string;
  /** Method and path as the route declares them, such as `POST /api/djdash/calls`. */
  act: string;
  requestId: string;
  /** Of the answer. */
  status: number;
  /** Why it was refused, or failed; null if it was done. */
  code: string | null;
  /** What it was about, by the names of the request: ids as they are, phone numbers masked. */
  target: Readonly<Record<string, string>>;
}

/** Two years. */
const keptSeconds = 730 * 24 * 3600;

/** Acts of admins, by month. */
export type ActRepository = ReturnType<typeof actRepository>;

export function actRepository(table: Table) {
  return {
    async record(act: Act): Promise<void> {
      await table.put({
        ...keys.act(act.at, act.requestId),
        entity: 'act',
        record: act,
        createdAt: act.at,
        updatedAt: act.at,
        expiresAt: Math.floor(Date.parse(act.at) / 1000) + keptSeconds,
      });
    },

    /** A page of the acts of a month (`YYYY-MM`) between two instants, newest first, and the places of its entries. */
    async ofMonth(
      month: string,
      range: { from: string; to: string },
      limit: number,
      after?: Record<string, string>,
    ): Promise<{
      acts: Act[];
      places: Record<string, string>[];
      next: Record<string, string> | undefined;
    }> {
      const { items, next } = await table.query({
        pk: `${partitions.acts}${month}`,
        from: range.from,
        to: `${range.to}\uffff`,
        newestFirst: true,
        limit,
        after,
      });
      return {
        acts: items.map(({ record }) => record as Act),
        places: items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
        next,
      };
    },
  };
}
