import type { CallRepository } from '#shared/calls/call.repository.ts';
import { isForgotten } from '#shared/calls/call.ts';
import { recordingOf } from '#shared/calls/recording-of.ts';
import type { FileStore, NewFile } from '#shared/files/store.ts';
import type { CallId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { RecordingKind } from '#shared/recording-kinds.ts';
import type { RecordingsAtTwilio } from '#shared/twilio/recordings.ts';
import { type ForgetRecordingsDeps, forgetRecordings } from './forget-recordings.ts';
import type { RecordingRepository } from './recording.repository.ts';
import { recordingKey } from './recording.ts';

export interface CopyDeps extends ForgetRecordingsDeps {
  calls: Pick<CallRepository, 'find'>;
  recordings: Pick<RecordingRepository, 'find' | 'add' | 'remove'>;
  atTwilio: Pick<RecordingsAtTwilio, 'open' | 'remove'>;
  files: Pick<FileStore, 'put' | 'remove'>;
  /** Days that a copy is kept. */
  keptDays: number;
  pause(seconds: number): Promise<void>;
}

/** Twilio tells of a recording a little before it serves it; a message that failed comes again only after a quarter of an hour. */
const pausesSeconds = [2, 8, 30];

/** Twilio has told of the recording, but does not serve it yet. */
export class RecordingNotReady extends Error {}

/**
 * Copies a recording from Twilio into our bucket, once: what is stored already is not asked for again. Of a call whose
 * caller was forgotten nothing is stored, and what Twilio has is deleted.
 * @throws RecordingNotReady when Twilio does not serve it yet; the message comes again
 */
export async function copyRecording(
  deps: CopyDeps,
  { callId, kind }: { callId: CallId; kind: RecordingKind },
): Promise<void> {
  const call = await deps.calls.find(callId);
  const recording = call && recordingOf(call, kind);
  if (call === undefined || recording === undefined) {
    log.warn('the call has no such recording any more', { callId, kind });
    return;
  }
  if (isForgotten(call)) return forgetRecordings(deps, call);
  if ((await deps.recordings.find(callId, kind, deps.now())) !== undefined) return;
  const { recordingSid } = recording;
  const media = await openSoon(deps, recordingSid);
  if (media === undefined) throw new RecordingNotReady(`Twilio does not serve ${recordingSid} yet`);
  const key = recordingKey(callId, kind);
  const bytes = await deps.files.put(key, media);
  const storedAt = deps.now().toISOString();
  await deps.recordings.add(
    { callId, kind, recordingSid, key, bytes, storedAt, purgedAt: null },
    deps.keptDays,
  );
  // Who forgets the caller says so before they look for recordings: either they have seen this one, or it shows here.
  const after = await deps.calls.find(callId);
  if (after !== undefined && isForgotten(after)) await forgetRecordings(deps, after);
}

async function openSoon(deps: CopyDeps, recordingSid: string): Promise<NewFile | undefined> {
  for (const seconds of pausesSeconds) {
    const media = await deps.atTwilio.open(recordingSid);
    if (media !== undefined) return media;
    await deps.pause(seconds);
  }
  return deps.atTwilio.open(recordingSid);
}
