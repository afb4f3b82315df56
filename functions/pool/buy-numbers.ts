import { now } from '#shared/clock.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { buyNumbers } from '#shared/pool/buy-numbers.ts';
import { purchaseCounter } from '#shared/pool/purchase-counter.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

const table = connectTable();

export const handler = httpHandler(
  pool.buyNumbers,
  once(table, async ({ body, principal }) => {
    const deps = {
      numbers: numberRepository(table),
      carrier: twilioCarrier(),
      purchases: purchaseCounter(table),
      now,
    };
    const { bought, failed } = await buyNumbers(deps, {
      count: body.count,
      areaCode: body.areaCode ?? body.area_code,
      actor: `${principal.role}:${principal.subject}`,
    });
    const status = failed.length === 0 ? 201 : bought.length > 0 ? 207 : 503;
    const reply = {
      message:
        bought.length > 0
          ? `Successfully purchased ${bought.length} number(s)`
          : 'No available phone numbers found',
      numbers: bought.map(({ phoneNumber, sid, friendlyName }) => ({
        phoneNumber,
        sid: sid ?? '',
        friendlyName,
      })),
      failed,
    };
    // A purchase of which nobody knows whether it happened must not be tried twice under one Idempotency-Key.
    const unknown = failed.some(({ code }) => code === 'TWILIO_UNAVAILABLE');
    return new Reply(status, reply, status >= 500 && !unknown);
  }),
);
