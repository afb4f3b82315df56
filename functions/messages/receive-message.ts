import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { log } from '#shared/log.ts';
import { optOutOf } from '#shared/messages/opt-out.ts';
import { connectTable } from '#shared/table/client.ts';
import { noReply } from '#shared/twilio/message-reply.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const consents = consentRepository(connectTable());

export const handler = webhookHandler(messages.receiveMessage, async ({ form }) => {
  const wish = optOutOf(form.get('Body') ?? '', form.get('OptOutType'));
  if (wish !== undefined) {
    await consents.set(form.need('From'), wish === 'stop', wish.toUpperCase(), now());
    log.info('consent kept', { wish, from: form.get('From') });
  }
  return { twiml: noReply };
});
