import { cleanedLines } from '#shared/clean-text.ts';
import type { E164, MessageSid, Texter } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { numberSource } from '#shared/numbers/number-source.ts';
import { connectTable } from '#shared/table/client.ts';
import { isForTwilio, optOutOf } from '#shared/texts/opt-out.ts';
import { type IncomingText, keepWish, receiveText } from '#shared/texts/receive-text.ts';
import { receivedTexts } from '#shared/texts/received.repository.ts';
import { textRules } from '#shared/texts/rules.ts';
import { sentTexts } from '#shared/texts/sent.repository.ts';
import { recipientOf } from '#shared/threads/recipient.ts';
import { e164, type Form, mediaCount, sender, sid, text, word } from '#shared/twilio/form.ts';
import { noReply } from '#shared/twilio/no-reply.ts';
import { webhookHandler } from '#shared/twilio/webhook.ts';
import * as messages from './routes.ts';

const table = connectTable();
const deps = {
  ...textRules(table),
  texts: receivedTexts(table),
  sent: sentTexts(table),
  recipientOf: (to: E164, from: Texter) => recipientOf(numberSource(table), to, from),
};

/** Twilio sends no more of a text. */
const bodyCharactersMax = 1600;

export const handler = webhookHandler(
  messages.receiveMessage,
  async ({ form }) => {
    const body = cleanedLines(form.get('Body', text(bodyCharactersMax)) ?? '');
    const said = form.get('OptOutType', word(['STOP', 'START', 'HELP']));
    const optOutType = said === 'other' ? undefined : said;
    const wish = optOutOf(body, optOutType);
    if (wish !== undefined) {
      const from = form.need('From', sender);
      // Neither keeps the other from being done: a wish counts though its words cannot be kept.
      const done = await Promise.allSettled([
        deps.consents.set(from, wish === 'stop', wish.toUpperCase(), deps.now()),
        (async () => keepWish(deps, incoming(form, body, wish)))(),
      ]);
      for (const one of done) if (one.status === 'rejected') throw one.reason;
      log.info('consent kept', { wish, from });
      return { twiml: noReply };
    }
    if (isForTwilio(body, optOutType)) {
      await keepWish(deps, incoming(form, body, 'help'));
      return { twiml: noReply };
    }
    return { twiml: await receiveText(deps, incoming(form, body, 'message')) };
  },
  // An error would be no answer that Twilio can read; that the text was not kept stands in the log.
  { onFailure: () => ({ twiml: noReply }) },
);

function incoming(form: Form, body: string, kind: IncomingText['kind']): IncomingText {
  return {
    messageSid: form.need('MessageSid', sid<MessageSid>('SM', 'MM')),
    from: form.need('From', sender),
    to: form.need('To', e164),
    body,
    kind,
    mediaCount: form.get('NumMedia', mediaCount) ?? 0,
  };
}
