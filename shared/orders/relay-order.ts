import type { ChangeRule } from '#shared/queue/change.ts';
import { storedOrder } from './order.ts';

/** An order that waits for a worker, for the first time or again. */
export const relayOrder: ChangeRule = (before, after) => {
  const is = storedOrder.parse(after.record);
  const was = before === undefined ? undefined : storedOrder.parse(before.record);
  if (is.status !== 'queued' || was?.attempts === is.attempts) return [];
  return [{ queue: 'orders', body: { orderId: is.id } }];
};
