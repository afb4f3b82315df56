import * as z from 'zod';
import type { Call } from '#shared/calls/call.ts';
import { keptId } from '#shared/fields.ts';
import type { CallId } from '#shared/id.ts';
import { type RecordingKind, recordingKinds } from './kinds.ts';

/** Our own copy of a recording. */
export const storedRecording = z.object({
  callId: keptId<CallId>(),
  kind: z.enum(recordingKinds),
  recordingSid: z.string(),
  /** Where it lies in the bucket of files. */
  key: z.string(),
  bytes: z.int(),
  storedAt: z.string(),
  /** When it was deleted at Twilio. */
  purgedAt: z.string().nullable(),
});

export type StoredRecording = z.output<typeof storedRecording>;

/** What Twilio told of a recording that has something to hear; undefined when there is none. */
export function recordingOf(call: Call, kind: RecordingKind): NonNullable<Call['recording']> | undefined {
  const told = kind === 'call' ? call.recording : call.voicemail;
  return told != null && told.durationSeconds > 0 ? told : undefined;
}

/** Where a recording lies in the bucket: no phone number stands in it. */
export function recordingKey(callId: CallId, kind: RecordingKind): string {
  return `recordings/${callId}/${kind}.mp3`;
}
