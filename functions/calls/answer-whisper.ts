import { callFacts } from '#shared/calls/facts.ts';
import { readRouting } from '#shared/calls/routing.ts';
import { now } from '#shared/clock.ts';
import { connectTable } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callIdIn } from '#shared/twilio/call-ref.ts';
import { text } from '#shared/twilio/form.ts';
import {
  askToPressOne,
  decline,
  isScreenedWhisper,
  languageOf,
  nothing,
  whisper,
} from '#shared/twilio/twiml.ts';
import { type WebhookRequest, webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const table = connectTable();
const facts = callFacts(table);

export const handler = webhookHandler(
  calls.answerWhisper,
  async (request) => {
    const callId = callIdIn(request.params);
    const digits = request.form.get('Digits', text(32));
    if (digits !== undefined && digits !== '1') return { twiml: decline() };
    if (digits === '1') {
      await facts.accepted(callId, now());
      return { twiml: nothing() };
    }
    const item = await table.get(keys.call(callId));
    const routing = item && readRouting(item);
    if (routing?.kind !== 'forward') return withoutTable(request);
    const language = languageOf(routing.language);
    return {
      twiml: routing.screened
        ? askToPressOne(callId, routing.whisper, language)
        : whisper(routing.whisper, language),
    };
  },
  { onFailure: withoutTable },
);

/**
 * An empty answer connects the call: better unannounced than not at all. Where 1 must be pressed, nobody is connected
 * who did not press it; that they did needs no table, only the note of it is lost.
 */
function withoutTable({ form, params, rawQuery }: WebhookRequest): { twiml: string } {
  if (form.get('Digits', text(32)) === '1' || !isScreenedWhisper(rawQuery)) return { twiml: nothing() };
  return { twiml: askToPressOne(params.callId ?? '', null, 'en') };
}
