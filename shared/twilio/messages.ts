import { MessageListInstance } from 'twilio/lib/rest/api/v2010/account/message.js';
import { addSeconds } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import type { MessageSid } from '#shared/id.ts';
import { askTwilio, connectTwilio } from './rest.ts';

export interface OutgoingText {
  to: string;
  /** The number it comes from; undefined lets the Messaging Service choose. */
  from: string | undefined;
  viaService: boolean;
  body: string;
  /** Path of ours that is told how delivery goes; undefined when nobody needs to know. */
  statusPath: string | undefined;
}

/** Texts, as Twilio sends them. Every method may throw what `askTwilio` throws. */
export interface Texting {
  /** Hands a text to Twilio and answers its sid. Twice is two texts. */
  send(text: OutgoingText): Promise<MessageSid>;
  /**
   * The sid of a text to this phone that was handed over since then and whose body is the one meant, if there is one. It
   * also looks two minutes further back, since clocks differ.
   */
  findSent(
    text: Pick<OutgoingText, 'to' | 'from'> & { isIt(body: string): boolean },
    since: Date,
  ): Promise<MessageSid | undefined>;
}

/** Twilio's clock may be behind ours, and it knows whole seconds only. */
const clockSeconds = 120;

export function twilioTexting(): Texting {
  type ApiVersion = Parameters<typeof MessageListInstance>[0];
  const messages = async () => {
    const { api, accountSid } = await connectTwilio();
    return MessageListInstance(api as ApiVersion, accountSid);
  };

  return {
    async send(text) {
      const list = await messages();
      const sent = await askTwilio('sendMessage', () =>
        list.create({
          to: text.to,
          body: text.body,
          ...(text.from !== undefined && { from: text.from }),
          ...(text.viaService && { messagingServiceSid: requireEnv('MESSAGING_SERVICE_SID') }),
          ...(text.statusPath !== undefined && {
            statusCallback: requireEnv('PUBLIC_BASE_URL') + text.statusPath,
          }),
        }),
      );
      return sent.sid as MessageSid;
    },

    async findSent(text, since) {
      const list = await messages();
      const { to, from } = text;
      const found = await askTwilio('listMessages', () =>
        list.list({
          to,
          ...(from !== undefined && { from }),
          dateSentAfter: addSeconds(since, -clockSeconds),
          limit: 50,
        }),
      );
      return found.find(({ body }) => text.isIt(body))?.sid as MessageSid | undefined;
    },
  };
}
