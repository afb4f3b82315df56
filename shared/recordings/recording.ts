// This folder copies recordings and voicemails from Twilio into our bucket, links to them, and deletes them.

import * as z from 'zod';
import { type RecordingKind, recordingKinds } from '#shared/recording-kinds.ts';

/** Our own copy of a recording. */
export const storedRecording = z.object({
  callId: z.string(),
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

/** Where a recording lies in the bucket: no phone number stands in it. */
export function recordingKey(callId: string, kind: RecordingKind): string {
  return `recordings/${callId}/${kind}.mp3`;
}
