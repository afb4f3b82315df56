import type { E164, MessageSid, Texter } from '#shared/id.ts';
import type { Page, Table } from '#shared/table/client.ts';
import { indexKeys, keys, partitions } from '#shared/table/keys.ts';

/** A text that came to a virtual number. */
export interface ReceivedText {
  messageSid: MessageSid;
  from: Texter;
  to: E164;
  body: string;
}

/** A text as it is kept. */
export interface KeptText extends ReceivedText {
  at: string;
}

const keptSeconds = 395 * 24 * 3600;

/** Texts that came to virtual numbers, which take calls only. */
export type ReceivedTexts = ReturnType<typeof receivedTexts>;

export function receivedTexts(table: Table) {
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

    /** A page of the texts that a phone sent, newest first; at most 100. */
    async ofPhone(
      from: Texter,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ texts: KeptText[]; next: Page['next'] }> {
      const page = await table.query({
        index: 'gsi2',
        pk: `${partitions.texts}FROM#${from}`,
        newestFirst: true,
        limit,
        after,
      });
      const items = await table.getMany(page.items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })));
      return {
        texts: items.map((item) => ({ ...(item as unknown as ReceivedText), at: String(item.createdAt) })),
        next: page.next,
      };
    },

    /** Removes texts, at most 100. */
    async remove(texts: ReceivedText[]): Promise<void> {
      if (texts.length === 0) return;
      await table.transact(
        texts.map(({ to, messageSid }) => ({ delete: keys.receivedText(to, messageSid) })),
      );
    },
  };
}
