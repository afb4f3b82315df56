import type { CallId, E164, MessageSid, OwnerId } from '#shared/id.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';
import { keptTextSeconds } from './kept-seconds.ts';

/** What we text a caller: after a call, or in answer to a text. */
export type SentKind = 'payment-link' | 'missed-call' | 'reply';

/** A text of ours to a caller. What became of one that follows a call stands with the call. */
export interface SentText {
  kind: SentKind;
  /** The call that it follows, or the text that it answers. There is one of each at most. */
  about: CallId | MessageSid;
  owner: OwnerId;
  to: E164;
  /** Whose number it is about; the platform's sends it where that may not. */
  virtualNumber: E164 | null;
  body: string;
}

export type KeptSentText = SentText & { at: string };

/** Texts that went to callers, for the thread of each. */
export type SentTexts = ReturnType<typeof sentTexts>;

export function sentTexts(table: Pick<Table, 'put' | 'getMany'>) {
  return {
    /** Keeps a text that is about to be sent. One that is sent in a later try stands in the thread from then on. */
    async keep({ kind, about, owner, to, virtualNumber, body }: SentText, now: Date): Promise<void> {
      const at = now.toISOString();
      await table.put({
        ...keys.sentText(about),
        entity: 'sent-text',
        kind,
        about,
        owner,
        to,
        virtualNumber,
        body,
        ...indexKeys.thread(owner, to, at, about, kind === 'reply'),
        createdAt: at,
        updatedAt: at,
        expiresAt: Math.floor(now.getTime() / 1000) + keptTextSeconds,
      });
    },

    /** Those about these calls or texts, at most 100; what was not texted about is left out. */
    async about(subjects: (CallId | MessageSid)[]): Promise<KeptSentText[]> {
      return (await table.getMany(subjects.map((subject) => keys.sentText(subject)))).map(readSentText);
    },
  };
}

export function readSentText(item: Item): KeptSentText {
  const { kind, about, owner, to, virtualNumber, body, createdAt } = item as unknown as SentText & {
    createdAt: string;
  };
  return { kind, about, owner, to, virtualNumber, body, at: createdAt };
}
