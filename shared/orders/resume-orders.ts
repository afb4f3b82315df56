import { addSeconds } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import type { SwitchRepository } from '#shared/switches/switch.repository.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import type { OrderRepository } from './order.repository.ts';

export interface ResumeDeps {
  orders: Pick<OrderRepository, 'unfinished' | 'begin'>;
  switches: Pick<SwitchRepository, 'isStopped'>;
  now(): Date;
}

/** Nobody works on an order that was not touched for so long: a worker lives 3 minutes, its message waits 18. */
const quietSeconds = 2400;
const lockSeconds = 3600;

/**
 * Starts orders again whose worker or message was lost, or that were paused; none while an operator has stopped all
 * purchases. Answers how many.
 */
export async function resumeOrders(deps: ResumeDeps): Promise<number> {
  if (await deps.switches.isStopped('purchases')) return 0;
  const now = deps.now();
  const quiet = addSeconds(now, -quietSeconds).toISOString();
  const unfinished = await deps.orders.unfinished(now);
  let resumed = 0;
  for (const order of unfinished) {
    if (order.status !== 'paused' && order.updatedAt > quiet) continue;
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
