import { createHmac } from 'node:crypto';
import { requireEnv } from '#shared/env.ts';
import { readSecretFields } from '#shared/secrets.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, either, equals } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** A phone gets one payment link for a DJ in this time, unless it has paid. */
const turnSeconds = 24 * 3600;

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

    /**
     * Takes the phone's one payment link of 24 hours for a DJ for this call. Answers the call that has it already, else
     * undefined. `over` is such a call that no longer counts, since it was paid.
     */
    async takeTurn(
      phoneNumber: string,
      djProfileId: string,
      callId: string,
      now: Date,
      over?: string,
    ): Promise<string | undefined> {
      const at = now.toISOString();
      const expiresAt = Math.floor(now.getTime() / 1000) + turnSeconds;
      const item = {
        ...keys.lastText(await hashOf(phoneNumber), djProfileId),
        entity: 'last-text',
        callId,
        expiresAt,
      };
      const mine = [callId, ...(over === undefined ? [] : [over])].map((id) => equals('callId', id));
      const expired = below('expiresAt', Math.floor(now.getTime() / 1000));
      try {
        await table.put({ ...item, createdAt: at, updatedAt: at }, either(absent('pk'), expired, ...mine));
        return undefined;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || error.item === undefined) throw error;
        return String(error.item.callId);
      }
    },

    /** Gives the turn back when nothing was sent; nothing happens when another call has it. */
    async returnTurn(phoneNumber: string, djProfileId: string, callId: string): Promise<void> {
      const key = keys.lastText(await hashOf(phoneNumber), djProfileId);
      try {
        await table.transact([{ delete: key, if: equals('callId', callId) }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
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
