import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { resumeOrders } from '#shared/orders/resume-orders.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();
const deps = { orders: orderRepository(table), switches: switchRepository(table), now };

export const handler = scheduleHandler<{ resumed: number }>(async () => {
  const resumed = await resumeOrders(deps);
  if (resumed > 0) log.warn('purchases had broken off and are started again', { resumed });
  return { resumed };
});
