import type { Texter } from '#shared/id.ts';
import { ConditionFailed, type Table, type Write } from '#shared/table/client.ts';
import { absent, below, either, equals, every, present } from '#shared/table/conditions.ts';
import { type Key, keys } from '#shared/table/keys.ts';
import type { Addressee, TextKind } from './judge.ts';
import { type PhoneHash, phoneHash } from './phone-hash.ts';
import type { TextsPolicy } from './policy.ts';

/** A text that is about to be sent. */
export interface CountedText extends Addressee {
  to: Texter;
  kind: TextKind;
}

/** How long the subject of a text keeps the turn of its phone. */
export interface Turn {
  hours: number;
  /** A subject whose turn no longer counts. */
  over?: string;
}

type Cap = 'phone' | 'dj' | 'account';

/**
 * `again`: the same subject has taken it before. `taken`: the subject that has the turn. `cap`: whose texts of the day are
 * used up.
 */
export type Allowance = { ok: true; again: boolean } | { ok: false; taken: string } | { ok: false; cap: Cap };

const daySeconds = 24 * 3600;

/** How many texts may still be sent: a turn, of which a phone has one, and counts of the day. */
export type AllowanceRepository = ReturnType<typeof allowanceRepository>;

export function allowanceRepository(table: Table, hashOf: PhoneHash = phoneHash) {
  /** Counts one text more in all of them, or in none: then it answers one that is used up. */
  async function countOne(counters: Counter[], limits: TextsPolicy, now: Date): Promise<Counter | undefined> {
    const at = now.toISOString();
    const expiresAt = Math.floor(now.getTime() / 1000) + 2 * daySeconds;
    const reached = await Promise.all(
      counters.map(async ({ key, limit }) => {
        try {
          const set = { entity: 'allowance', updatedAt: at, expiresAt };
          const changes = { add: { texts: 1 }, set, setOnce: { createdAt: at } };
          await table.update(key, changes, either(absent('texts'), below('texts', limits[limit])));
          return false;
        } catch (error) {
          if (error instanceof ConditionFailed) return true;
          throw error;
        }
      }),
    );
    const first = counters.find((_counter, index) => reached[index]);
    if (first !== undefined) await uncount(counters.filter((_counter, index) => !reached[index]));
    return first;
  }

  async function uncount(counters: Counter[]): Promise<void> {
    await Promise.all(counters.map(({ key }) => table.update(key, { add: { texts: -1 } })));
  }

  /** Which subject has a turn; undefined when it is free. */
  async function holderOf(turn: Key, now: Date): Promise<string | undefined> {
    const item = await table.get(turn);
    const isOver = item === undefined || Number(item.expiresAt) <= Math.floor(now.getTime() / 1000);
    return isOver ? undefined : String(item.callId);
  }

  return {
    /** The subject that has the turn of a text. */
    async holder(text: CountedText, now: Date): Promise<string | undefined> {
      return holderOf(turnOf(text, await hashOf(text.to)), now);
    },

    /**
     * Takes one text of each count of the day, then the turn, or nothing; again for the same subject takes nothing more. Not
     * in one transaction: who dies on the way has counted a text too many, never one too few. Three round trips.
     */
    async take(text: CountedText, turn: Turn, limits: TextsPolicy, now: Date): Promise<Allowance> {
      const at = now.toISOString();
      const day = at.slice(0, 10);
      const hash = await hashOf(text.to);
      const counters = countersOf(text, hash, day);
      const closed = counters.find(({ limit }) => limits[limit] === 0);
      if (closed !== undefined) return { ok: false, cap: closed.cap };
      const seconds = Math.floor(now.getTime() / 1000);
      const key = turnOf(text, hash);
      const holder = await holderOf(key, now);
      if (holder !== undefined && holder !== turn.over) return heldBy(holder, text);
      const reached = await countOne(counters, limits, now);
      if (reached !== undefined) return { ok: false, cap: reached.cap };
      const turnItem = {
        ...key,
        entity: text.kind === 'reply' ? 'answered-text' : 'last-text',
        callId: text.subject,
        day,
        expiresAt: seconds + Math.max(turn.hours * 3600, 1),
        createdAt: at,
        updatedAt: at,
      };
      const free = either(
        absent('pk'),
        below('expiresAt', seconds + 1),
        ...(turn.over === undefined ? [] : [equals('callId', turn.over)]),
      );
      try {
        await table.put(turnItem, free);
        return { ok: true, again: false };
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        await uncount(counters);
        return heldBy(String(error.item?.callId), text);
      }
    },

    /**
     * Gives back what the subject took when nothing was sent, to the day on which it took it; nothing happens when another
     * subject has the turn, or none.
     */
    async giveBack(text: CountedText): Promise<void> {
      const hash = await hashOf(text.to);
      const turn = turnOf(text, hash);
      const item = await table.get(turn);
      if (item?.callId !== text.subject) return;
      const day = String(item.day);
      const turnGone: Write = {
        delete: turn,
        if: every(equals('callId', text.subject), equals('day', day)),
      };
      const less = countersOf(text, hash, day).map(
        ({ key }): Write => ({ update: key, changes: { add: { texts: -1 } }, if: present('texts') }),
      );
      try {
        await table.transact([turnGone, ...less]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        // The counts of a day long gone are dropped; only the turn is left of it.
        if (error.index > 0) await table.transact([turnGone]);
      }
    },
  };
}

/** What becomes of a text when a subject has the turn: its own, or another. */
function heldBy(taken: string, { subject }: CountedText): Allowance {
  return taken === subject ? { ok: true, again: true } : { ok: false, taken };
}

/** What a phone gets once at a time: a DJ's text of a kind, the notice of one change, the alert about one thing, the reply of the day. */
function turnOf({ kind, djProfileId, subject, topic }: CountedText, hash: string): Key {
  if (kind === 'reply') return keys.answeredText(hash);
  const isOfSubject = kind === 'notice' || kind === 'alert';
  return keys.lastText(hash, kind, isOfSubject ? (topic ?? subject) : (djProfileId ?? ''));
}

interface Counter {
  key: Key;
  cap: Cap;
  limit: Exclude<keyof TextsPolicy, 'countries'>;
}

/** What a text is counted in; numbers that nobody holds share what one DJ has. */
function countersOf({ kind, djProfileId }: CountedText, hash: string, day: string): Counter[] {
  const ofDj = (limit: Counter['limit'], only?: TextKind): Counter => ({
    key: keys.textsOfOwner(djProfileId, day, only),
    cap: 'dj',
    limit,
  });
  const ofKind: Partial<Record<TextKind, Counter[]>> = {
    notice: [
      { key: keys.textsToPhone(hash, day, kind), cap: 'phone', limit: 'dailyNoticesPerPhone' },
      ofDj('dailyNoticesPerDj', kind),
    ],
    reply: [ofDj('dailyRepliesPerDj', kind)],
  };
  const ofAccount: Counter = { key: keys.textsOfAccount(day), cap: 'account', limit: 'dailyOfAccount' };
  // What DJs want to be told themselves takes nothing from their callers, nor from a notice to the same phone.
  if (kind === 'alert')
    return [
      { key: keys.textsToPhone(hash, day, kind), cap: 'phone', limit: 'dailyAlertsPerDj' },
      ofDj('dailyAlertsPerDj', kind),
      ofAccount,
    ];
  return [
    { key: keys.textsToPhone(hash, day), cap: 'phone', limit: 'dailyPerPhone' },
    ofDj('dailyPerDj'),
    ofAccount,
    ...(ofKind[kind] ?? []),
  ];
}
