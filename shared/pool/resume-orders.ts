import { addSeconds } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import type { OrderRepository } from './order.repository.ts';

export interface ResumeDeps {
  orders: Pick<OrderRepository, 'unfinished' | 'begin'>;
  now(): Date;
}

/** Nobody works on an order that was not touched for so long: a worker lives 3 minutes, its message waits 18. */
const quietSeconds = 2400;
const lockSeconds = 3600;

/** Starts orders again whose worker or message was lost. Answers how many. */
export async function resumeOrders(deps: ResumeDeps): Promise<number> {
  const now = deps.now();
  const lost = await deps.orders.unfinished(addSeconds(now, -quietSeconds));
  let resumed = 0;
  for (const order of lost) {
    try {
      await deps.orders.begin(order, 'queued', addSeconds(now, lockSeconds), now);
      resumed++;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      log.info('the order is worked on or another like it runs', { order: order.id });
    }
  }
  return resumed;
}
