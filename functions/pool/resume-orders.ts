import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { orderRepository } from '#shared/pool/order.repository.ts';
import { resumeOrders } from '#shared/pool/resume-orders.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();
const deps = { orders: orderRepository(table), switches: switchRepository(table), now };

export async function handler(): Promise<{ resumed: number }> {
  const resumed = await resumeOrders(deps);
  if (resumed > 0) log.warn('purchases had broken off and are started again', { resumed });
  return { resumed };
}
