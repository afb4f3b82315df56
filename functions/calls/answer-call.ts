import { callCounter } from '#shared/callers/call-counter.ts';
import { callerRepository } from '#shared/callers/caller.repository.ts';
import { answerCall } from '#shared/calls/answer-call.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { readCallPolicy } from '#shared/calls/policy.ts';
import { now } from '#shared/clock.ts';
import { callIdOf, isE164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { numberSource } from '#shared/numbers/number-source.ts';
import { usage } from '#shared/numbers/usage.ts';
import { connectTable } from '#shared/table/client.ts';
import { callRefOf } from '#shared/twilio/call-ref.ts';
import { text } from '#shared/twilio/form.ts';
import { apologise, forward, languageOf, notInService, reject } from '#shared/twilio/twiml.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const table = connectTable();
const policy = readCallPolicy();
const deps = {
  ...numberSource(table),
  callers: callerRepository(table),
  counter: callCounter(table, policy),
  facts: callFacts(table),
  usage: usage(table),
  now,
  notWritten: (error: unknown) => log.error('call answered without being written', error as Error),
};

export const handler = webhookHandler(
  calls.answerCall,
  async ({ form }) => {
    const call = callRefOf(form);
    const routing = await answerCall(deps, call, {
      callerName: form.get('CallerName', text(120)),
      verification: form.get('StirVerstat', text(64)),
    });
    if (routing.kind === 'blocked') return { twiml: reject() };
    if (routing.kind === 'misdirected') return { twiml: notInService() };
    return {
      twiml: forward({
        callId: callIdOf(call.callSid),
        target: routing.realPhoneNumber,
        callerId: isE164(call.callerNumber) ? call.callerNumber : call.virtualNumber,
        ringTimeoutSeconds: routing.ringTimeoutSeconds,
        isRecorded: routing.recorded,
        talkSecondsMax: policy.talkSecondsMax,
        isScreened: routing.screened,
        isAnnounced: (routing.whisper ?? '') !== '',
        language: languageOf(routing.language),
      }),
    };
  },
  { onFailure: () => ({ twiml: apologise() }) },
);
