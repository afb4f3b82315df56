import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import type { RecordingsAtTwilio } from '#shared/twilio/recordings.ts';
import type { RecordingRepository } from './recording.repository.ts';
import type { StoredRecording } from './recording.ts';

export interface PurgeDeps {
  recordings: Pick<RecordingRepository, 'atTwilio' | 'purged'>;
  atTwilio: Pick<RecordingsAtTwilio, 'remove'>;
  now(): Date;
}

/** What a run did; the `failed` ones are tried again by the next. */
export interface Purged {
  purged: number;
  failed: number;
  /** False when the time was over before all were tried. */
  complete: boolean;
}

/** Twilio reads a voicemail while it puts it into words: by then it is done or never will be. */
const graceSeconds = 86_400;
/** How long new ones are begun: less than the timer's 600 s, so that the run ends by itself and tells what it did. */
const runSeconds = 500;
const pageSize = 100;
const parallelMax = 10;

/**
 * Deletes at Twilio what has been in our own bucket for a day. One that fails does not keep it from the others.
 * @throws Failure TWILIO_NOT_CONFIGURED, which would fail for every one
 */
export async function purgeRecordings(deps: PurgeDeps): Promise<Purged> {
  const startedAt = deps.now();
  const before = addSeconds(startedAt, -graceSeconds);
  const done: Purged = { purged: 0, failed: 0, complete: true };
  let after: Record<string, string> | undefined;
  do {
    const page = await deps.recordings.atTwilio(before, pageSize, after);
    for (let first = 0; first < page.recordings.length; first += parallelMax) {
      if (deps.now() >= addSeconds(startedAt, runSeconds)) return { ...done, complete: false };
      const some = page.recordings.slice(first, first + parallelMax);
      await Promise.all(some.map((recording) => purge(deps, recording, done)));
    }
    after = page.next;
  } while (after !== undefined);
  return done;
}

async function purge(deps: PurgeDeps, recording: StoredRecording, done: Purged): Promise<void> {
  try {
    await deps.atTwilio.remove(recording.recordingSid);
    await deps.recordings.purged(recording, deps.now());
    done.purged++;
  } catch (error) {
    if (error instanceof Failure && error.code === 'TWILIO_NOT_CONFIGURED') throw error;
    done.failed++;
    const { callId, kind, recordingSid } = recording;
    log.error('recording not deleted at Twilio', { callId, kind, recordingSid, error: error as Error });
  }
}
