import { callFacts } from '#shared/calls/facts.ts';
import type { Routing } from '#shared/calls/routing.ts';
import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { callIdOf } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { connectTable } from '#shared/table/client.ts';
import { callRefOf, secondsOf } from '#shared/twilio/call-ref.ts';
import { languageOf, nothing, takeVoicemail } from '#shared/twilio/twiml.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const facts = callFacts(connectTable());

/** States of the caller's leg in which nobody listens any more. */
const callerGone = ['completed', 'no-answer', 'canceled', 'busy', 'failed'];

export const handler = webhookHandler(calls.completeDial, async ({ form, params }) => {
  const call = callRefOf(form);
  if (params.callId !== callIdOf(call.callSid)) throw new Failure('NOT_FOUND', 'The path names another call');
  const bridged = form.get('DialBridged') === 'true';
  const hasHungUp = callerGone.includes(form.get('CallStatus') ?? '');
  const dial = {
    status: form.word('DialCallStatus'),
    bridged,
    talkSeconds: bridged ? secondsOf(form.get('DialCallDuration')) : 0,
    callerGone: hasHungUp,
  };
  count(bridged ? 'CallsAnswered' : 'CallsMissed');
  let routing: Routing | undefined;
  try {
    routing = (await facts.dial(call, now(), dial)).routing as Routing | undefined;
  } catch (error) {
    // The caller is still there; that the result is lost is told by the error, and the sweeper closes the call.
    log.error('result of forwarding not written', error as Error);
  }
  if (bridged || hasHungUp) return { twiml: nothing() };
  const { voicemailGreeting, language } =
    routing?.kind === 'forward' ? routing : { voicemailGreeting: null, language: 'en' };
  return { twiml: takeVoicemail(voicemailGreeting, languageOf(language)) };
});
