import type { RecordingKind } from '#shared/recording-kinds.ts';
import type { Call } from './call.ts';

/** What Twilio told of a recording that has something to hear; undefined when there is none. */
export function recordingOf(call: Call, kind: RecordingKind): NonNullable<Call['recording']> | undefined {
  const recording = kind === 'call' ? call.recording : call.voicemail;
  return recording != null && recording.durationSeconds > 0 ? recording : undefined;
}
