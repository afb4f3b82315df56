import { callFacts } from '#shared/calls/facts.ts';
import { now } from '#shared/clock.ts';
import { connectTable } from '#shared/table/client.ts';
import { callRefOf } from '#shared/twilio/call-ref.ts';
import { legStatuses } from '#shared/twilio/call-status.ts';
import { seconds, word } from '#shared/twilio/form.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as calls from './routes.ts';

const facts = callFacts(connectTable());

export const handler = webhookHandler(calls.recordCallStatus, async ({ form }) => {
  const status = form.need('CallStatus', word(legStatuses));
  await facts.status(callRefOf(form), now(), status, form.get('CallDuration', seconds));
  return undefined;
});
