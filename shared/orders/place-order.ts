import { addSeconds } from '#shared/clock.ts';
import { newId } from '#shared/id.ts';
import { type BuyDeps, refuseWhenStopped } from '#shared/numbers/buy-number.ts';
import type { PurchaseCounter } from '#shared/numbers/purchase-counter.ts';
import type { OrderRepository, Wanted } from './order.repository.ts';
import type { Order } from './order.ts';

export interface PlaceDeps {
  orders: Pick<OrderRepository, 'place'>;
  purchases: PurchaseCounter;
  switches: BuyDeps['switches'];
  now(): Date;
}

/** A worker that never starts must not keep the same from being ordered for ever. */
const lockSeconds = 3600;

/**
 * Orders numbers that a worker buys.
 * @throws Failure PURCHASES_STOPPED, PURCHASE_IN_PROGRESS, PURCHASE_CAP_REACHED
 */
export async function placeOrder(deps: PlaceDeps, wanted: Wanted & { actor: string }): Promise<Order> {
  await refuseWhenStopped(deps.switches);
  const now = deps.now();
  const order: Order = {
    id: newId('ord'),
    count: wanted.count,
    areaCode: wanted.areaCode ?? null,
    actor: wanted.actor,
    status: 'queued',
    attempts: 0,
    reason: null,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    finishedAt: null,
  };
  await deps.orders.place(order, deps.purchases, addSeconds(now, lockSeconds));
  return order;
}
