import { type PhoneHash, phoneHash } from '#shared/consent/phone-hash.ts';
import { ConditionFailed, type Table, type Write } from '#shared/table/client.ts';
import { absent, below, either, equals } from '#shared/table/conditions.ts';
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
  async function keysOf({ kind, to, djProfileId }: Wanted, now: Date) {
    const hash = await hashOf(to);
    const day = now.toISOString().slice(0, 10);
    const counters: Key[] = [
      keys.textsToPhone(hash, day),
      keys.textsOfDj(djProfileId, day),
      keys.textsOfAccount(day),
    ];
    return { turn: keys.lastText(hash, kind, djProfileId), counters };
  }

  return {
    /**
     * Takes the caller's turn and one text of each count of the day, all or nothing; again for the same call takes
     * nothing more. `over` is a call whose turn no longer counts, since it was paid.
     */
    async take(wanted: Wanted, limits: Limits, now: Date, over?: string): Promise<Allowance> {
      const { turn, counters } = await keysOf(wanted, now);
      const at = now.toISOString();
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

    /** Gives back what the call took when nothing was sent; nothing happens when another call has the turn. */
    async giveBack(wanted: Wanted, now: Date): Promise<void> {
      const { turn, counters } = await keysOf(wanted, now);
      const less = counters.map((key): Write => ({ update: key, changes: { add: { texts: -1 } } }));
      try {
        await table.transact([{ delete: turn, if: equals('callId', wanted.callId) }, ...less]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
}
