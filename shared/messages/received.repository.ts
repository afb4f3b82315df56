import { type PhoneHash, phoneHash } from '#shared/consent/phone-hash.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, either } from '#shared/table/conditions.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';

/** A text that came to a virtual number. */
export interface ReceivedText {
  messageSid: string;
  from: string;
  to: string;
  body: string;
}

const keptSeconds = 395 * 24 * 3600;
const answerSeconds = 24 * 3600;

/** Texts that came to virtual numbers, which take calls only. */
export function receivedTexts(table: Table, hashOf: PhoneHash = phoneHash) {
  return {
    /** Keeps a text; Twilio's repetitions of it change nothing. */
    async keep({ messageSid, from, to, body }: ReceivedText, now: Date): Promise<void> {
      const at = now.toISOString();
      await table.update(keys.receivedText(to, messageSid), {
        setOnce: {
          entity: 'received-text',
          messageSid,
          from,
          to,
          body,
          createdAt: at,
          ...indexKeys.textsOfPhone(from, at, messageSid),
          expiresAt: Math.floor(now.getTime() / 1000) + keptSeconds,
        },
        set: { updatedAt: at },
      });
    },

    /** True once in 24 hours for a phone: then it is answered. */
    async takeAnswer(from: string, now: Date): Promise<boolean> {
      const at = now.toISOString();
      const seconds = Math.floor(now.getTime() / 1000);
      const item = {
        ...keys.answeredText(await hashOf(from)),
        entity: 'answered-text',
        expiresAt: seconds + answerSeconds,
        createdAt: at,
        updatedAt: at,
      };
      try {
        await table.put(item, either(absent('pk'), below('expiresAt', seconds + 1)));
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },
  };
}
