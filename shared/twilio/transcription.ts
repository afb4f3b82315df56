import { type Form, text, word } from './form.ts';

/** Twilio puts two minutes into words at most. */
const charactersMax = 4000;

/**
 * Who puts voicemails into words: Twilio itself, when the verb that records asks for it. Whoever takes its place need
 * only write the same fact of the call (`callFacts.transcription`); docs/decisions/0010 says how.
 */
export function askForTranscript(callback: string): { transcribe: true; transcribeCallback: string } {
  return { transcribe: true, transcribeCallback: callback };
}

/**
 * What a request tells of a transcription: the words, null when there are none, undefined when it tells of something
 * else.
 */
export function transcriptIn(form: Form): string | null | undefined {
  if (form.get('TranscriptionStatus', word(['completed', 'failed'])) === undefined) return undefined;
  return form.get('TranscriptionText', text(charactersMax)) ?? null;
}
