import { type Call, isForgotten } from '#shared/calls/call.ts';
import { recordingOf } from '#shared/calls/recording-of.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { FileStore } from '#shared/files/store.ts';
import type { RecordingKind } from '#shared/recording-kinds.ts';
import type { RecordingRepository } from './recording.repository.ts';

export interface LinkDeps {
  recordings: Pick<RecordingRepository, 'find'>;
  files: Pick<FileStore, 'linkTo'>;
  /** Days that a copy is kept. */
  keptDays: number;
  now(): Date;
}

/**
 * An address under which the recording can be heard for five minutes.
 * @throws Failure NOT_FOUND when there is none, its time is over or its caller forgotten, ILLEGAL_STATE while it is not stored yet
 */
export async function linkRecording(deps: LinkDeps, call: Call, kind: RecordingKind): Promise<string> {
  const now = deps.now();
  const recording = isForgotten(call) ? undefined : recordingOf(call, kind);
  const stored = recording && (await deps.recordings.find(call.id, kind, now));
  if (stored !== undefined) {
    return deps.files.linkTo(stored.key, 'inline', `${call.id}-${kind}.mp3`);
  }
  if (recording === undefined || addSeconds(new Date(recording.at), deps.keptDays * 86_400) <= now) {
    throw new Failure('NOT_FOUND', `The call has no ${kind === 'call' ? 'recording' : 'voicemail'} to hear`);
  }
  throw new Failure('ILLEGAL_STATE', 'The recording is not stored yet: try again in some minutes');
}
