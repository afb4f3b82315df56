import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { isCallId } from '#shared/id.ts';
import { connectTable } from '#shared/table/client.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const followUps = followUpRepository(connectTable());

export const handler = webhookHandler(messages.recordDelivery, async ({ form, params }) => {
  const callId = params.callId ?? '';
  if (!isCallId(callId)) throw new Failure('NOT_FOUND', 'The path names no call');
  const delivery = {
    state: form.word('MessageStatus'),
    errorCode: form.get('ErrorCode'),
    from: form.get('From'),
  };
  await followUps.delivered(callId, delivery, now());
  return undefined;
});
