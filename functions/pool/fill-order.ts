import { now, pause } from '#shared/clock.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { fillOrder } from '#shared/orders/fill-order.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './consumers.ts';

const table = connectTable();

export const handler = queueHandler(pool.fillOrder, ({ orderId }) =>
  fillOrder(
    {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      orders: orderRepository(table),
      switches: switchRepository(table),
      now,
      pause,
    },
    orderId,
  ),
);
