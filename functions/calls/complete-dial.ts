import { callFacts } from '#shared/calls/facts.ts';
import { type Routing, readRouting } from '#shared/calls/routing.ts';
import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { callIdOf } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { connectTable } from '#shared/table/client.ts';
import { callRefOf } from '#shared/twilio/call-ref.ts';
import { dialStatuses, type LegStatus, legStatuses } from '#shared/twilio/call-status.ts';
import { type Form, seconds, word } from '#shared/twilio/form.ts';
import { apologise, languageOf, nothing, takeVoicemail } from '#shared/twilio/twiml.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const facts = callFacts(connectTable());

/** States of the caller's leg in which nobody listens any more. */
const callerGone: LegStatus[] = ['completed', 'no-answer', 'canceled', 'busy', 'failed'];

export const handler = webhookHandler(
  calls.completeDial,
  async ({ form, params }) => {
    const call = callRefOf(form);
    if (params.callId !== callIdOf(call.callSid))
      throw new Failure('NOT_FOUND', 'The path names another call');
    const bridged = isBridged(form);
    const dial = {
      status: form.need('DialCallStatus', word(dialStatuses)),
      bridged,
      talkSeconds: bridged ? (form.get('DialCallDuration', seconds) ?? 0) : 0,
      callerGone: hasHungUp(form),
    };
    count(bridged ? 'CallsAnswered' : 'CallsMissed');
    let routing: Routing | undefined;
    try {
      routing = readRouting(await facts.dial(call, now(), dial));
    } catch (error) {
      // The caller is still there; that the result is lost is told by the error, and the sweeper closes the call.
      log.error('result of forwarding not written', error as Error);
    }
    if (isDone(form)) return { twiml: nothing() };
    if (routing?.kind !== 'forward') return { twiml: takeVoicemail(null, languageOf(undefined)) };
    const { voicemailGreeting, language, suspicious } = routing;
    return { twiml: takeVoicemail(voicemailGreeting, languageOf(language), suspicious) };
  },
  { onFailure: ({ form }) => ({ twiml: isDone(form) ? nothing() : apologise() }) },
);

function isBridged(form: Form): boolean {
  return form.get('DialBridged', word(['true'])) === 'true';
}

/** True when nobody is left to leave a message, or they have talked. */
function isDone(form: Form): boolean {
  return isBridged(form) || hasHungUp(form);
}

function hasHungUp(form: Form): boolean {
  return callerGone.includes(form.get('CallStatus', word(legStatuses)) ?? 'other');
}
