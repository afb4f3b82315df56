import { now, pause } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { type Replenished, replenishPool } from '#shared/pool/replenish-pool.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';

const table = connectTable();

export const handler = scheduleHandler<Replenished>(async () => {
  const done = await replenishPool({
    numbers: numberRepository(table),
    carrier: twilioCarrier(),
    purchases: purchaseCounter(table),
    switches: switchRepository(table),
    orders: orderRepository(table),
    policy: readPoolPolicy(),
    now,
    pause,
  });
  if (done.missing > 0) log.info('pool replenished', { ...done });
  return done;
});
