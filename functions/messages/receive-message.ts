import { log } from '#shared/log.ts';
import { djOfNumber } from '#shared/numbers/dj-of-number.ts';
import { connectTable } from '#shared/table/client.ts';
import { isForTwilio, optOutOf } from '#shared/texts/opt-out.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { replyToText } from '#shared/texts/reply-to-text.ts';
import { textRules } from '#shared/texts/rules.ts';
import { noReply } from '#shared/twilio/no-reply.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const table = connectTable();
const deps = {
  ...textRules(table),
  texts: receivedTexts(table),
  djOf: (virtualNumber: string) => djOfNumber(table, virtualNumber),
};

export const handler = webhookHandler(
  messages.receiveMessage,
  async ({ form }) => {
    const body = form.get('Body') ?? '';
    const from = form.need('From');
    const wish = optOutOf(body, form.get('OptOutType'));
    if (wish !== undefined) {
      await deps.consents.set(from, wish === 'stop', wish.toUpperCase(), deps.now());
      log.info('consent kept', { wish, from });
      return { twiml: noReply };
    }
    if (isForTwilio(body, form.get('OptOutType'))) return { twiml: noReply };
    const text = { messageSid: form.need('MessageSid'), from, to: form.need('To'), body };
    return { twiml: await replyToText(deps, text) };
  },
  // An error would be no answer that Twilio can read; that the text was not kept stands in the log.
  { onFailure: () => ({ twiml: noReply }) },
);
