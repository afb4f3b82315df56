import { addSeconds } from '#shared/clock.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, equals, every } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';
import { type Export, storedExport } from './export.ts';

/** Exports, for a day. */
export type ExportRepository = ReturnType<typeof exportRepository>;

/** Another worker has taken the export up, or ended it. */
export class ExportTaken extends Error {}

const keptSeconds = 86_400;

/** When an export and its file are gone. */
export function expiryOf({ createdAt }: Export): Date {
  return addSeconds(new Date(createdAt), keptSeconds);
}

export function exportRepository(table: Table) {
  return {
    /** Writes a new export. The change of the table starts the worker. */
    async add(wanted: Export): Promise<void> {
      await table.put(itemOf(wanted), absent('pk'));
    },

    /** The export; undefined when there is none, or none any more. */
    async find(exportId: string, now: Date): Promise<Export | undefined> {
      const item = await table.get(keys.export(exportId));
      const found = item && storedExport.parse(item.record);
      return found === undefined || expiryOf(found) <= now ? undefined : found;
    },

    /**
     * Replaces `before` by what became of it.
     * @throws ExportTaken when another worker has changed it meanwhile
     */
    async replace(before: Export, after: Export): Promise<void> {
      const unchanged = every(
        equals('record.attempts', before.attempts),
        equals('record.status', before.status),
      );
      try {
        await table.put(itemOf(after), unchanged);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new ExportTaken(`export ${before.id} is in other hands`, { cause: error });
      }
    },
  };
}

function itemOf(record: Export): Item & { pk: string; sk: string } {
  return {
    ...keys.export(record.id),
    entity: 'export',
    record,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    expiresAt: Math.floor(expiryOf(record).getTime() / 1000),
  };
}
