import { now } from '#shared/clock.ts';
import { connectTable } from '#shared/table/client.ts';
import { deliveries, deliveryStates } from '#shared/texts/deliveries.ts';
import { callIdIn } from '#shared/twilio/call-ref.ts';
import { e164, errorCode, word } from '#shared/twilio/form.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const texts = deliveries(connectTable());

export const handler = webhookHandler(messages.recordDelivery, async ({ form, params }) => {
  const callId = callIdIn(params);
  const delivery = {
    state: form.need('MessageStatus', word(deliveryStates)),
    errorCode: form.get('ErrorCode', errorCode),
    from: form.get('From', e164),
  };
  await texts.note(callId, delivery, now());
  return undefined;
});
