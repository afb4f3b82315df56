import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { isE164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { isForTwilio, optOutOf } from '#shared/messages/opt-out.ts';
import { receivedTexts } from '#shared/messages/received.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { noReply, takesCallsOnly } from '#shared/twilio/message-reply.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const table = connectTable();
const consents = consentRepository(table);
const texts = receivedTexts(table);

export const handler = webhookHandler(
  messages.receiveMessage,
  async ({ form }) => {
    const body = form.get('Body') ?? '';
    const from = form.need('From');
    const wish = optOutOf(body, form.get('OptOutType'));
    if (wish !== undefined) {
      await consents.set(from, wish === 'stop', wish.toUpperCase(), now());
      log.info('consent kept', { wish, from });
      return { twiml: noReply };
    }
    if (isForTwilio(body, form.get('OptOutType'))) return { twiml: noReply };
    await texts.keep({ messageSid: form.need('MessageSid'), from, to: form.need('To'), body }, now());
    const mayAnswer = isE164(from) && !(await consents.hasOptedOut(from));
    return { twiml: mayAnswer && (await texts.takeAnswer(from, now())) ? takesCallsOnly() : noReply };
  },
  // An error would be no answer that Twilio can read; that the text was not kept stands in the log.
  { onFailure: () => ({ twiml: noReply }) },
);
