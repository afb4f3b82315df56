import type { E164, MessageSid } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { ownerOfNumber } from '#shared/numbers/owner-of-number.ts';
import { connectTable } from '#shared/table/client.ts';
import { isForTwilio, optOutOf } from '#shared/texts/opt-out.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { replyToText } from '#shared/texts/reply-to-text.ts';
import { textRules } from '#shared/texts/rules.ts';
import { e164, sender, sid, text, word } from '#shared/twilio/form.ts';
import { noReply } from '#shared/twilio/no-reply.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const table = connectTable();
const deps = {
  ...textRules(table),
  texts: receivedTexts(table),
  ownerOf: (virtualNumber: E164) => ownerOfNumber(table, virtualNumber),
};

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
      await deps.consents.set(from, wish === 'stop', wish.toUpperCase(), deps.now());
      log.info('consent kept', { wish, from });
      return { twiml: noReply };
    }
    if (isForTwilio(body, optOutType)) return { twiml: noReply };
    const messageSid = form.need('MessageSid', sid<MessageSid>('SM', 'MM'));
    return { twiml: await replyToText(deps, { messageSid, from, to: form.need('To', e164), body }) };
  },
  // An error would be no answer that Twilio can read; that the text was not kept stands in the log.
  { onFailure: () => ({ twiml: noReply }) },
);
