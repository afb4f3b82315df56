import { createHmac } from 'node:crypto';
import { requireEnv } from '#shared/env.ts';
import { readSecretFields } from '#shared/secrets.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';

/** Who asked for no more texts. Kept under a keyed hash of the number, so that it outlives the number itself. */
export type ConsentRepository = ReturnType<typeof consentRepository>;

export function consentRepository(
  table: Table,
  hashOf: (phoneNumber: string) => Promise<string> = keyedHash,
) {
  return {
    /** True when the phone asked for no more texts, of any of our numbers. */
    async hasOptedOut(phoneNumber: string): Promise<boolean> {
      const item = await table.get(keys.consent(await hashOf(phoneNumber)));
      return item?.optedOut === true;
    },

    /** Keeps the wish; `source` says how it came, such as `STOP` or `21610`. */
    async set(phoneNumber: string, optedOut: boolean, source: string, now: Date): Promise<void> {
      const at = now.toISOString();
      await table.update(keys.consent(await hashOf(phoneNumber)), {
        set: { entity: 'consent', optedOut, source, updatedAt: at },
        setOnce: { createdAt: at },
      });
    },
  };
}

/** @throws Error when the keys secret holds no consentKey */
async function keyedHash(phoneNumber: string): Promise<string> {
  const { consentKey } = await readSecretFields(requireEnv('KEYS_SECRET_ID'));
  if (consentKey === undefined) throw new Error('the keys secret holds no consentKey');
  return createHmac('sha256', consentKey).update(phoneNumber).digest('hex');
}
