import type { Table } from '#shared/table/client.ts';
import { keys, partitions } from '#shared/table/keys.ts';

/** What an admin did, or was refused. */
export interface AuditLogEntry {
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

/** What admins did, by month. */
export type AuditLogRepository = ReturnType<typeof auditLogRepository>;

export function auditLogRepository(table: Table) {
  return {
    async record(entry: AuditLogEntry): Promise<void> {
      await table.put({
        ...keys.auditLogEntry(entry.at, entry.requestId),
        entity: 'act',
        record: entry,
        createdAt: entry.at,
        updatedAt: entry.at,
        expiresAt: Math.floor(Date.parse(entry.at) / 1000) + keptSeconds,
      });
    },

    /** A page of the entries of a month (`YYYY-MM`) between two instants, newest first, and the places of its entries. */
    async ofMonth(
      month: string,
      range: { from: string; to: string },
      limit: number,
      after?: Record<string, string>,
    ): Promise<{
      entries: AuditLogEntry[];
      places: Record<string, string>[];
      next: Record<string, string> | undefined;
    }> {
      const { items, next } = await table.query({
        pk: `${partitions.auditLog}${month}`,
        from: range.from,
        to: `${range.to}\uffff`,
        newestFirst: true,
        limit,
        after,
      });
      return {
        entries: items.map(({ record }) => record as AuditLogEntry),
        places: items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
        next,
      };
    },
  };
}
