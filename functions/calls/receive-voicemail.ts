import { callFacts } from '#shared/calls/facts.ts';
import { readRouting } from '#shared/calls/routing.ts';
import { now } from '#shared/clock.ts';
import { connectTable } from '#shared/table/client.ts';
import { callRefOf, recordingIn } from '#shared/twilio/call-ref.ts';
import { transcriptIn } from '#shared/twilio/transcription.ts';
import { languageOf, thank } from '#shared/twilio/twiml.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const facts = callFacts(connectTable());

export const handler = webhookHandler(
  calls.receiveVoicemail,
  async ({ form }) => {
    const call = callRefOf(form);
    const words = transcriptIn(form);
    if (words !== undefined) {
      if (words !== null) await facts.transcription(call, now(), words);
      return undefined;
    }
    const kept = await facts.voicemail(call, now(), recordingIn(form));
    const routing = readRouting(kept);
    return { twiml: thank(languageOf(routing?.kind === 'forward' ? routing.language : undefined)) };
  },
  // The recording stays at Twilio; the caller need not hear that it could not be noted. Nobody hears of a transcript.
  { onFailure: ({ form }) => (transcriptIn(form) === undefined ? { twiml: thank('en') } : undefined) },
);
