import { type PhoneHash, phoneHash } from '#shared/consent/phone-hash.ts';
import { ConditionFailed, type Table, type Write } from '#shared/table/client.ts';
import { absent, below, either, equals, every, present } from '#shared/table/conditions.ts';
import { type Key, keys } from '#shared/table/keys.ts';
import type { FollowUpKind } from './gate.ts';
import type { FollowUpPolicy } from './policy.ts';

/** A text that is about to be sent. */
export interface Wanted {
  kind: FollowUpKind;
  to: string;
  djProfileId: string;
  callId: string;
}

/** `taken`: another call of the caller has the turn; `caller`, `dj`, `account`: whose texts of the day are used up. */
export type Allowance =
  | { ok: true }
  | { ok: false; taken: string }
  | { ok: false; cap: 'caller' | 'dj' | 'account' };

type Limits = Pick<FollowUpPolicy, 'dailyPerCaller' | 'dailyPerDj' | 'dailyOfAccount' | 'repeatHours'>;

const daySeconds = 24 * 3600;
const caps = ['caller', 'dj', 'account'] as const;

/** How many texts may still be sent: a turn for each caller and DJ, and counts of the day. */
export type AllowanceRepository = ReturnType<typeof allowanceRepository>;

export function allowanceRepository(table: Table, hashOf: PhoneHash = phoneHash) {
  async function turnOf({ kind, to, djProfileId }: Wanted): Promise<Key> {
    return keys.lastText(await hashOf(to), kind, djProfileId);
  }

  async function countersOf({ to, djProfileId }: Wanted, day: string): Promise<Key[]> {
    return [
      keys.textsToPhone(await hashOf(to), day),
      keys.textsOfDj(djProfileId, day),
      keys.textsOfAccount(day),
    ];
  }

  return {
    /**
     * Takes the caller's turn and one text of each count of the day, all or nothing; again for the same call takes
     * nothing more. `over` is a call whose turn no longer counts, since it was paid.
     */
    async take(wanted: Wanted, limits: Limits, now: Date, over?: string): Promise<Allowance> {
      const at = now.toISOString();
      const day = at.slice(0, 10);
      const [turn, counters] = await Promise.all([turnOf(wanted), countersOf(wanted, day)]);
      const seconds = Math.floor(now.getTime() / 1000);
      const free = either(
        absent('pk'),
        below('expiresAt', seconds + 1),
        ...(over === undefined ? [] : [equals('callId', over)]),
      );
      const turnItem = {
        ...turn,
        entity: 'last-text',
        callId: wanted.callId,
        day,
        expiresAt: seconds + Math.max(limits.repeatHours * 3600, 1),
        createdAt: at,
        updatedAt: at,
      };
      const maxima = [limits.dailyPerCaller, limits.dailyPerDj, limits.dailyOfAccount];
      if (maxima.includes(0)) return { ok: false, cap: caps[maxima.indexOf(0)] ?? 'account' };
      const writes: Write[] = counters.map((key, index) => ({
        update: key,
        changes: {
          add: { texts: 1 },
          set: { entity: 'allowance', updatedAt: at, expiresAt: seconds + 2 * daySeconds },
          setOnce: { createdAt: at },
        },
        if: either(absent('texts'), below('texts', maxima[index])),
      }));
      try {
        await table.transact([{ put: turnItem, if: free }, ...writes]);
        return { ok: true };
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (error.index > 0) return { ok: false, cap: caps[error.index - 1] ?? 'account' };
        const holder = String(error.item?.callId);
        return holder === wanted.callId ? { ok: true } : { ok: false, taken: holder };
      }
    },

    /**
     * Gives back what the call took when nothing was sent, to the day on which it took it; nothing happens when another
     * call has the turn, or none.
     */
    async giveBack(wanted: Wanted): Promise<void> {
      const turn = await turnOf(wanted);
      const item = await table.get(turn);
      if (item?.callId !== wanted.callId) return;
      const day = String(item.day);
      const turnGone: Write = {
        delete: turn,
        if: every(equals('callId', wanted.callId), equals('day', day)),
      };
      const less = (await countersOf(wanted, day)).map(
        (key): Write => ({ update: key, changes: { add: { texts: -1 } }, if: present('texts') }),
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
