import { callFacts } from '#shared/calls/facts.ts';
import { now } from '#shared/clock.ts';
import { connectTable } from '#shared/table/client.ts';
import { callRefOf, secondsOf } from '#shared/twilio/call-ref.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const facts = callFacts(connectTable());

export const handler = webhookHandler(calls.recordCallStatus, async ({ form }) => {
  await facts.status(callRefOf(form), now(), form.word('CallStatus'), secondsOf(form.get('CallDuration')));
  return undefined;
});
