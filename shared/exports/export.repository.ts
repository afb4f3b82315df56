import { addSeconds, secondsLeftOfDay } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { ExportId } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, below, either, equals, every } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';
import { type Export, readExport, recordOf } from './export.ts';

/** Exports, for a day. */
export type ExportRepository = ReturnType<typeof exportRepository>;

/** Another worker has taken the export up, or ended it. */
export class ExportTaken extends Error {}

const keptSeconds = 86_400;
/** Files that one person or machine client may ask for on a UTC day. */
const dailyMax = 20;

/** When an export and its file are gone. */
export function expiryOf({ createdAt }: Export): Date {
  return addSeconds(new Date(createdAt), keptSeconds);
}

export function exportRepository(table: Table) {
  return {
    /**
     * Writes a new export and counts it, both or neither. The change of the table starts the worker.
     * @throws Failure RATE_LIMITED when whoever asks has asked for as many on this UTC day as anybody may
     */
    async add(wanted: Export): Promise<void> {
      const { actor, createdAt } = wanted;
      const at = new Date(createdAt);
      const counted = {
        update: keys.exportsOfActor(actor, createdAt.slice(0, 10)),
        changes: {
          add: { exports: 1 },
          set: {
            entity: 'export-count',
            updatedAt: createdAt,
            expiresAt: Math.floor(at.getTime() / 1000) + 2 * keptSeconds,
          },
          setOnce: { createdAt },
        },
        if: either(absent('exports'), below('exports', dailyMax)),
      };
      try {
        await table.transact([counted, { put: itemOf(wanted), if: absent('pk') }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed) || error.index !== 0) throw error;
        throw new Failure(
          'RATE_LIMITED',
          `The limit is ${dailyMax} exports a day (UTC); ask again tomorrow`,
          { cause: error, retryAfterSeconds: secondsLeftOfDay(at) },
        );
      }
    },

    /** The export; undefined when there is none, or none any more. */
    async find(exportId: ExportId, now: Date): Promise<Export | undefined> {
      const item = await table.get(keys.export(exportId));
      const found = item && readExport(item.record);
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
    record: recordOf(record),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    expiresAt: Math.floor(expiryOf(record).getTime() / 1000),
  };
}
