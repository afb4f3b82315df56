import { callFacts } from '#shared/calls/facts.ts';
import type { Routing } from '#shared/calls/routing.ts';
import { now } from '#shared/clock.ts';
import { connectTable } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callIdIn } from '#shared/twilio/call-ref.ts';
import { text } from '#shared/twilio/form.ts';
import { askToPressOne, decline, languageOf, nothing, whisper } from '#shared/twilio/twiml.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const table = connectTable();
const facts = callFacts(table);

export const handler = webhookHandler(
  calls.answerWhisper,
  async ({ form, params }) => {
    const callId = callIdIn(params);
    const digits = form.get('Digits', text(32));
    if (digits !== undefined && digits !== '1') return { twiml: decline() };
    if (digits === '1') {
      await facts.accepted(callId, now());
      return { twiml: nothing() };
    }
    const routing = (await table.get(keys.call(callId)))?.routing as Routing | undefined;
    if (routing?.kind !== 'forward') return { twiml: nothing() };
    const language = languageOf(routing.language);
    return {
      twiml: routing.screened
        ? askToPressOne(callId, routing.whisper, language)
        : whisper(routing.whisper, language),
    };
  },
  // An empty answer connects the call: better unannounced than not at all.
  { onFailure: () => ({ twiml: nothing() }) },
);
