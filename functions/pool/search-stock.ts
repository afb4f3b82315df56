import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { searchStock } from '#shared/pool/search-stock.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCarrier } from '#shared/twilio/numbers.ts';
import * as pool from './routes.ts';

export const handler = httpHandler(
  pool.searchStock,
  once(connectTable(), async ({ body }) => {
    const { country, areaCode, area_code, contains, limit } = body;
    const wish = { country, areaCode: areaCode ?? area_code, contains, limit };
    const numbers = await searchStock({ carrier: twilioCarrier() }, wish);
    // What is sold changes by the second: asked again, it is looked up again.
    return new Reply(undefined, { numbers }, true);
  }),
);
