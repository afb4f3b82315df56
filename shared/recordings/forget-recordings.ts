import type { Call } from '#shared/calls/call.ts';
import type { FileStore } from '#shared/files/store.ts';
import { recordingKinds } from '#shared/recording-kinds.ts';
import type { RecordingsAtTwilio } from '#shared/twilio/recordings.ts';
import type { RecordingRepository } from './recording.repository.ts';
import { recordingKey } from './recording.ts';

export interface ForgetRecordingsDeps {
  recordings: Pick<RecordingRepository, 'find' | 'remove'>;
  atTwilio: Pick<RecordingsAtTwilio, 'remove'>;
  files: Pick<FileStore, 'remove'>;
  now(): Date;
}

/**
 * Deletes all that is recorded of a call, here and at Twilio, silent recordings too. The note of a copy goes last, so that
 * whoever breaks off does it again; doing it again changes nothing.
 */
export async function forgetRecordings(deps: ForgetRecordingsDeps, call: Call): Promise<void> {
  await Promise.all(
    recordingKinds.map(async (kind) => {
      const recording = kind === 'call' ? call.recording : call.voicemail;
      if (recording == null) return;
      const stored = await deps.recordings.find(call.id, kind, deps.now());
      await Promise.all([
        // Also without a note: the worker may have died before it wrote one.
        deps.files.remove(recordingKey(call.id, kind)),
        stored?.purgedAt == null && deps.atTwilio.remove(recording.recordingSid),
      ]);
      await deps.recordings.remove(call.id, kind);
    }),
  );
}
