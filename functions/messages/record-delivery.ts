import { now } from '#shared/clock.ts';
import { connectTable } from '#shared/table/client.ts';
import { deliveries } from '#shared/texts/deliveries.ts';
import { callIdIn } from '#shared/twilio/call-ref.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const texts = deliveries(connectTable());

export const handler = webhookHandler(messages.recordDelivery, async ({ form, params }) => {
  const callId = callIdIn(params);
  const delivery = {
    state: form.word('MessageStatus'),
    errorCode: form.get('ErrorCode'),
    from: form.get('From'),
  };
  await texts.note(callId, delivery, now());
  return undefined;
});
