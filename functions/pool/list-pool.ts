import { httpHandler } from '#shared/http/handler.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { showPool } from '#shared/pool/show-pool.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const deps = { numbers: numberRepository(connectTable()) };

export const handler = httpHandler(pool.listPool, async ({ query }) => ({
  pool: await showPool(deps, query.cursor),
}));
