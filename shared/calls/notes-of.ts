import type { Call } from './call.ts';

/**
 * The notes of a call: what a person wrote last, else what the platform reported. While they are empty, the words of a
 * voicemail are copied into them. Who empties them after that wants them empty; `null` takes back what a person wrote.
 */
export function notesOf({
  edits,
  reported,
  transcription,
}: Pick<Call, 'edits' | 'reported' | 'transcription'>): string | null {
  const words = transcription?.text ?? null;
  const written = edits.notes;
  if (written?.value != null) {
    const wasEmptiedSince = transcription != null && written.at > transcription.at;
    return isEmpty(written.value) && !wasEmptiedSince ? (words ?? written.value) : written.value;
  }
  if (reported.notes !== undefined && !isEmpty(reported.notes)) return reported.notes;
  return words ?? reported.notes ?? null;
}

function isEmpty(notes: string): boolean {
  return notes.trim() === '';
}
