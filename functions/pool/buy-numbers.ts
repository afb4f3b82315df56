import { now, pause } from '#shared/clock.ts';
import { failures } from '#shared/failure.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { boughtNumberReplyOf } from '#shared/numbers/bought-number-reply.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { buyChosen } from '#shared/orders/buy-chosen.ts';
import { buyNumbers, failureOf, mayBeBought } from '#shared/orders/buy-numbers.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { placeOrder } from '#shared/orders/place-order.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

const table = connectTable();

/** Up to so many are bought while the client waits. */
const inRequestMax = 20;

const purchasedMessage = (count: number) => `Successfully purchased ${count} number(s)`;

export const handler = httpHandler(
  pool.buyNumbers,
  once(table, async ({ body, principal }) => {
    const deps = {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      purchases: purchaseCounter(table),
      switches: switchRepository(table),
      orders: orderRepository(table),
      now,
      pause,
    };
    const actor = `${principal.role}:${principal.subject}`;
    if (body.phone_number !== undefined) {
      const number = await buyChosen(deps, body.phone_number, actor);
      return { message: purchasedMessage(1), numbers: [boughtNumberReplyOf(number)], failed: [] };
    }
    const wanted = { count: body.count ?? 1, areaCode: body.areaCode ?? body.area_code, actor };
    if (wanted.count > inRequestMax) {
      const { id, status } = await placeOrder(deps, wanted);
      const message = `${wanted.count} numbers are being bought; see GET pool/purchases/${id}`;
      return new Reply(202, { message, purchase: { id, status } });
    }
    const { bought, failed } = await buyNumbers(deps, wanted);
    const reply = { numbers: bought.map(boughtNumberReplyOf), failed };
    if (bought.length === 0 && failed.length > 0) {
      const { code, message: error } = failureOf(failed);
      const message = failures.NO_NUMBERS_AVAILABLE.title;
      // A purchase of which nobody knows whether it happened must not be tried twice under one Idempotency-Key.
      return new Reply(503, { message, error, code, ...reply }, !failed.some(mayBeBought));
    }
    const message = purchasedMessage(bought.length);
    return new Reply(failed.length === 0 ? 201 : 207, { message, ...reply });
  }),
);
