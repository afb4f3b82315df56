import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { boughtNumberReplyOf } from '#shared/numbers/bought-number-reply.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { reclaimNumber } from '#shared/numbers/reclaim-number.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

const table = connectTable();

export const handler = httpHandler(
  pool.reclaimNumber,
  once(table, async ({ body, principal }) => {
    const deps = {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      purchases: purchaseCounter(table),
      switches: switchRepository(table),
      now,
    };
    const number = await reclaimNumber(deps, body.phone_number_sid, `${principal.role}:${principal.subject}`);
    return {
      message: 'The number is in the pool again, with a new sid',
      number: boughtNumberReplyOf(number),
    };
  }),
);
