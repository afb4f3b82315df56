import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { isE164 } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { isForTwilio, optOutOf } from '#shared/messages/opt-out.ts';
import { receivedTexts } from '#shared/messages/received.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { e164, sender, sid, text, word } from '#shared/twilio/form.ts';
import { noReply, takesCallsOnly } from '#shared/twilio/message-reply.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const table = connectTable();
const consents = consentRepository(table);
const texts = receivedTexts(table);

/** Twilio sends no more of a text. */
const bodyCharactersMax = 1600;

export const handler = webhookHandler(
  messages.receiveMessage,
  async ({ form }) => {
    const body = form.get('Body', text(bodyCharactersMax)) ?? '';
    const from = form.need('From', sender);
    const said = form.get('OptOutType', word(['STOP', 'START', 'HELP']));
    const optOutType = said === 'other' ? undefined : said;
    const wish = optOutOf(body, optOutType);
    if (wish !== undefined) {
      await consents.set(from, wish === 'stop', wish.toUpperCase(), now());
      log.info('consent kept', { wish, from });
      return { twiml: noReply };
    }
    if (isForTwilio(body, optOutType)) return { twiml: noReply };
    const messageSid = form.need('MessageSid', sid('SM', 'MM'));
    await texts.keep({ messageSid, from, to: form.need('To', e164), body }, now());
    const mayAnswer = isE164(from) && !(await consents.hasOptedOut(from));
    return { twiml: mayAnswer && (await texts.takeAnswer(from, now())) ? takesCallsOnly() : noReply };
  },
  // An error would be no answer that Twilio can read; that the text was not kept stands in the log.
  { onFailure: () => ({ twiml: noReply }) },
);
