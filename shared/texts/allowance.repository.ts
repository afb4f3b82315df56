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
  return {
    /**
     * Takes the turn and one text of each count of the day, all or nothing; again for the same subject takes nothing
     * more.
     */
    async take(text: CountedText, turn: Turn, limits: TextsPolicy, now: Date): Promise<Allowance> {
      const at = now.toISOString();
      const day = at.slice(0, 10);
      const hash = await hashOf(text.to);
      const counters = countersOf(text, hash, day);
      const closed = counters.find(({ limit }) => limits[limit] === 0);
      if (closed !== undefined) return { ok: false, cap: closed.cap };
      const seconds = Math.floor(now.getTime() / 1000);
      const free = either(
        absent('pk'),
        below('expiresAt', seconds + 1),
        ...(turn.over === undefined ? [] : [equals('callId', turn.over)]),
      );
      const turnItem = {
        ...turnOf(text, hash),
        entity: text.kind === 'reply' ? 'answered-text' : 'last-text',
        callId: text.subject,
        day,
        expiresAt: seconds + Math.max(turn.hours * 3600, 1),
        createdAt: at,
        updatedAt: at,
      };
      const writes = counters.map(
        ({ key, limit }): Write => ({
          update: key,
          changes: {
            add: { texts: 1 },
            set: { entity: 'allowance', updatedAt: at, expiresAt: seconds + 2 * daySeconds },
            setOnce: { createdAt: at },
          },
          if: either(absent('texts'), below('texts', limits[limit])),
        }),
      );
      try {
        await table.transact([{ put: turnItem, if: free }, ...writes]);
        return { ok: true, again: false };
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        const reached = counters[error.index - 1];
        if (reached !== undefined) return { ok: false, cap: reached.cap };
        const holder = String(error.item?.callId);
        return holder === text.subject ? { ok: true, again: true } : { ok: false, taken: holder };
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
