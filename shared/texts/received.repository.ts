import type { CallId, E164, MessageSid, OwnerId, Texter } from '#shared/id.ts';
import { ConditionFailed, type Item, type Page, type Table } from '#shared/table/client.ts';
import { present } from '#shared/table/conditions.ts';
import { indexKeys, keys, partitions } from '#shared/table/keys.ts';
import { keptTextSeconds } from './kept-seconds.ts';

/** What a text that comes in is: something to read, or one of the words about further texts. */
export type ReceivedKind = 'message' | 'stop' | 'start' | 'help';

/** A text that came to a virtual number. */
export interface ReceivedText {
  messageSid: MessageSid;
  from: Texter;
  to: E164;
  body: string;
  kind: ReceivedKind;
  /** Pictures and the like that came with it; they are not kept. */
  mediaCount: number;
  /** In whose thread with the sender it stands; undefined when it is meant for nobody. */
  owner: OwnerId | undefined;
}

/** A text as it is kept. */
export interface KeptText extends ReceivedText {
  at: string;
  /** The sender's last call to the owner by then, once it was looked for; null when there is none. */
  placed: { callId: CallId | null } | undefined;
  /** When somebody began to forget its sender. */
  forgettingAt: string | undefined;
}

/** Texts that came to virtual numbers. Those from before they were kept for anybody stand in no thread. */
export type ReceivedTexts = ReturnType<typeof receivedTexts>;

export function receivedTexts(table: Table) {
  /** Changes a text that is still there; answers undefined when it was removed. */
  async function change(
    { to, messageSid }: Pick<ReceivedText, 'to' | 'messageSid'>,
    setOnce: Item,
    now: Date,
  ): Promise<KeptText | undefined> {
    const changes = { setOnce, set: { updatedAt: now.toISOString() } };
    try {
      return readText(await table.update(keys.receivedText(to, messageSid), changes, present('pk')));
    } catch (error) {
      if (error instanceof ConditionFailed) return undefined;
      throw error;
    }
  }

  return {
    /** Keeps a text; Twilio's repetitions of it change nothing. */
    async keep(text: ReceivedText, now: Date): Promise<void> {
      const { messageSid, from, to, body, kind, mediaCount, owner } = text;
      const at = now.toISOString();
      await table.update(keys.receivedText(to, messageSid), {
        setOnce: {
          entity: 'received-text',
          messageSid,
          from,
          to,
          body,
          kind,
          mediaCount,
          owner,
          createdAt: at,
          ...indexKeys.textsOfPhone(from, at, messageSid),
          ...(owner !== undefined && indexKeys.thread(owner, from, at, messageSid)),
          expiresAt: Math.floor(now.getTime() / 1000) + keptTextSeconds,
        },
        set: { updatedAt: at },
      });
    },

    async find(to: E164, messageSid: MessageSid): Promise<KeptText | undefined> {
      const item = await table.get(keys.receivedText(to, messageSid));
      return item && readText(item);
    },

    /** Notes which call the text belongs to, once. Answers the text as it stands, undefined when it was removed. */
    place: (text: ReceivedText, callId: CallId | null, now: Date): Promise<KeptText | undefined> =>
      change(text, { placed: { callId } }, now),

    /** Notes that its sender is being forgotten: from then on nobody is told of the text. */
    beginToForget: (text: ReceivedText, now: Date): Promise<KeptText | undefined> =>
      change(text, { forgettingAt: now.toISOString() }, now),

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
      return { texts: items.map(readText), next: page.next };
    },

    /** Removes texts and their answers, at most 50. */
    async remove(texts: Pick<ReceivedText, 'to' | 'messageSid'>[]): Promise<void> {
      if (texts.length === 0) return;
      await table.transact(
        texts.flatMap(({ to, messageSid }) => [
          { delete: keys.receivedText(to, messageSid) },
          { delete: keys.sentText(messageSid) },
        ]),
      );
    },
  };
}

/** A text of before told neither its kind nor its media: it was always something to read. */
export function readText(item: Item): KeptText {
  const { createdAt: at, kind = 'message', mediaCount = 0, ...text } = item as unknown as StoredText;
  return { ...text, kind, mediaCount, at };
}

type StoredText = Omit<KeptText, 'at' | 'kind' | 'mediaCount'> &
  Partial<Pick<KeptText, 'kind' | 'mediaCount'>> & { createdAt: string };
