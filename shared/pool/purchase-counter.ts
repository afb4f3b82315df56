import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { absent, below, either } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';

/** Counts the numbers bought on a day (UTC), so that no bug or stolen token can buy without end. */
export interface PurchaseCounter {
  /** @throws Failure PURCHASE_CAP_REACHED when `wanted` more would exceed the day's cap; then none is counted. */
  reserve(wanted: number, now: Date): Promise<void>;
}

export function purchaseCounter(
  table: Table,
  cap: number = Number(requireEnv('DAILY_PURCHASE_CAP')),
): PurchaseCounter {
  return {
    async reserve(wanted, now) {
      const at = now.toISOString();
      const refused = (cause?: unknown) =>
        new Failure(
          'PURCHASE_CAP_REACHED',
          `At most ${cap} numbers are bought a day; try again tomorrow (UTC)`,
          { cause },
        );
      if (wanted > cap) throw refused();
      try {
        await table.update(
          keys.purchasesOfDay(at.slice(0, 10)),
          {
            add: { bought: wanted },
            set: { entity: 'purchases', updatedAt: at },
            setOnce: { createdAt: at },
          },
          either(absent('pk'), below('bought', cap - wanted + 1)),
        );
      } catch (error) {
        if (error instanceof ConditionFailed) throw refused(error);
        throw error;
      }
    },
  };
}
