import { addSeconds } from '#shared/clock.ts';
import type { RecordingKind } from '#shared/recording-kinds.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, present } from '#shared/table/conditions.ts';
import { indexKeys, keys, partitions } from '#shared/table/keys.ts';
import { type StoredRecording, storedRecording } from './recording.ts';

/** Our copies of recordings, and which of them are still at Twilio. */
export type RecordingRepository = ReturnType<typeof recordingRepository>;

/** A part of the recordings that are at Twilio, and where to go on. */
interface RecordingPage {
  recordings: StoredRecording[];
  next: Record<string, string> | undefined;
}

export function recordingRepository(table: Table) {
  return {
    /** The copy; undefined when there is none, or none any more. */
    async find(callId: string, kind: RecordingKind, now: Date): Promise<StoredRecording | undefined> {
      const item = await table.get(keys.recording(callId, kind));
      if (item === undefined || Number(item.expiresAt) * 1000 <= now.getTime()) return undefined;
      return storedRecording.parse(item.record);
    },

    /** Notes that a copy is stored for so many days; the first to say so counts. */
    async add(recording: StoredRecording, keptDays: number): Promise<void> {
      const { callId, kind, storedAt } = recording;
      const expiresAt = addSeconds(new Date(storedAt), keptDays * 86_400);
      try {
        await table.put(
          {
            ...keys.recording(callId, kind),
            ...indexKeys.recordingsAtTwilio(storedAt, callId, kind),
            entity: 'recording',
            record: recording,
            createdAt: storedAt,
            updatedAt: storedAt,
            expiresAt: Math.floor(expiresAt.getTime() / 1000),
          },
          absent('pk'),
        );
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    /** Forgets that there was a copy. */
    async remove(callId: string, kind: RecordingKind): Promise<void> {
      await table.transact([{ delete: keys.recording(callId, kind) }]);
    },

    /** A page of the recordings that were stored before then and are still at Twilio, oldest first. */
    async atTwilio(before: Date, limit: number, after?: Record<string, string>): Promise<RecordingPage> {
      const { items, next } = await table.query({
        index: 'gsi2',
        pk: `${partitions.recording}ATTWILIO`,
        to: before.toISOString(),
        limit,
        after,
      });
      return { recordings: items.map((item) => storedRecording.parse(item.record)), next };
    },

    /** Notes that Twilio has it no more. */
    async purged({ callId, kind }: StoredRecording, now: Date): Promise<void> {
      const at = now.toISOString();
      try {
        await table.update(
          keys.recording(callId, kind),
          { set: { 'record.purgedAt': at, updatedAt: at }, remove: ['gsi2pk', 'gsi2sk'] },
          present('pk'),
        );
      } catch (error) {
        // Its time was over meanwhile.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
}
