import { addSeconds, secondsLeftOfDay } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { ConditionFailed, type Table, type Write } from '#shared/table/client.ts';
import { absent, below, either } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** Counts the numbers bought on a day (UTC), so that no bug or stolen token can buy without end. */
export type PurchaseCounter = ReturnType<typeof purchaseCounter>;

export function purchaseCounter(table: Table, cap: number = Number(requireEnv('DAILY_PURCHASE_CAP'))) {
  /** What a refused purchase is told: how many may still be bought today, and when the count begins anew. */
  function refused(now: Date, error: ConditionFailed): Failure {
    const bought = Number(error.item?.bought ?? 0);
    const remaining = Math.max(0, cap - bought);
    const midnight = addSeconds(now, secondsLeftOfDay(now));
    const resetsAt = `${midnight.toISOString().slice(0, 10)}T00:00:00Z`;
    return new Failure(
      'PURCHASE_CAP_REACHED',
      `At most ${cap} numbers may be bought a day (UTC): ${remaining || 'none'} of them are left today, and the count starts again at ${resetsAt}`,
      {
        cause: error,
        retryAfterSeconds: secondsLeftOfDay(now),
        extra: { purchases: { daily_cap: cap, remaining_today: remaining, resets_at: resetsAt } },
      },
    );
  }

  /** Counts `wanted` more as a write of a transaction, which fails when the day's cap would be exceeded. */
  function reservation(wanted: number, now: Date): Write {
    const fits = below('bought', cap - wanted + 1);
    return { ...addition(wanted, now), if: wanted > cap ? fits : either(absent('pk'), fits) };
  }

  return {
    refused,
    reservation,

    /** @throws Failure PURCHASE_CAP_REACHED when `wanted` more would exceed the day's cap; then none is counted. */
    async reserve(wanted: number, now: Date): Promise<void> {
      try {
        await table.transact([reservation(wanted, now)]);
      } catch (error) {
        if (error instanceof ConditionFailed) throw refused(now, error);
        throw error;
      }
    },

    /** Gives back what was reserved at `reservedAt` and not bought. */
    async giveBack(unused: number, reservedAt: Date): Promise<void> {
      if (unused > 0) await table.transact([addition(-unused, reservedAt)]);
    },
  };
}

/** Counts more (or fewer) numbers on a day, as a write of a transaction. */
export function addition(numbers: number, on: Date) {
  const at = on.toISOString();
  return {
    update: keys.purchasesOfDay(at.slice(0, 10)),
    changes: {
      add: { bought: numbers },
      set: { entity: 'purchases', updatedAt: at },
      setOnce: { createdAt: at },
    },
  };
}
