import { isCallId, type OwnerId, type Texter } from '#shared/id.ts';
import type { Item, Page, Table } from '#shared/table/client.ts';
import { keys, readThreadKey, threadPartition } from '#shared/table/keys.ts';
import { type KeptText, readText } from '#shared/texts/received.repository.ts';
import { type KeptSentText, readSentText } from '#shared/texts/sent.repository.ts';

/** A text of a thread, by which way it went. */
export type ThreadText =
  | { direction: 'inbound'; text: KeptText }
  /** `call` is the item of the call that it follows. */
  | { direction: 'outbound'; text: KeptSentText; call: Item | undefined };

/** What an owner and a phone texted each other. */
export type TextThread = ReturnType<typeof textThread>;

export function textThread(table: Pick<Table, 'query' | 'getMany'>) {
  return {
    /** A page of a thread, oldest first, at most 100; two round trips. */
    async page(
      owner: OwnerId,
      phoneNumber: Texter,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ texts: ThreadText[]; next: Page['next'] }> {
      const pk = threadPartition(owner, phoneNumber);
      const { items: entries, next } = await table.query({ index: 'gsi1', pk, limit, after });
      const callIds = entries.map(({ gsi1sk }) => readThreadKey(String(gsi1sk)).about).filter(isCallId);
      const [items, calls] = await Promise.all([
        table.getMany(entries.map(({ pk: itemPk, sk }) => ({ pk: String(itemPk), sk: String(sk) }))),
        table.getMany(callIds.map((callId) => keys.call(callId))),
      ]);
      const texts = items.map((item): ThreadText => {
        if (item.entity === 'received-text') return { direction: 'inbound', text: readText(item) };
        const text = readSentText(item);
        return { direction: 'outbound', text, call: calls.find(({ id }) => id === text.about) };
      });
      return { texts, next };
    },
  };
}
