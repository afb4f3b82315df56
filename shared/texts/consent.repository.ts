import type { Texter } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { type PhoneHash, phoneHash } from './phone-hash.ts';

/** Who asked for no more texts. Kept under a keyed hash of the number, so that it outlives the number itself. */
export type ConsentRepository = ReturnType<typeof consentRepository>;

export function consentRepository(table: Table, hashOf: PhoneHash = phoneHash) {
  return {
    /** True when the phone asked for no more texts, of any of our numbers. */
    async hasOptedOut(phoneNumber: Texter): Promise<boolean> {
      const item = await table.get(keys.consent(await hashOf(phoneNumber)));
      return item?.optedOut === true;
    },

    /** The phone's last wish and how it came; undefined when it never said anything. */
    async find(
      phoneNumber: Texter,
    ): Promise<{ optedOut: boolean; source: string; since: string } | undefined> {
      const item = await table.get(keys.consent(await hashOf(phoneNumber)));
      if (item === undefined) return undefined;
      return { optedOut: item.optedOut === true, source: String(item.source), since: String(item.updatedAt) };
    },

    /** Keeps the wish; `source` says how it came, such as `STOP` or `21610`. */
    async set(phoneNumber: Texter, optedOut: boolean, source: string, now: Date): Promise<void> {
      const at = now.toISOString();
      await table.update(keys.consent(await hashOf(phoneNumber)), {
        set: { entity: 'consent', optedOut, source, updatedAt: at },
        setOnce: { createdAt: at },
      });
    },
  };
}
