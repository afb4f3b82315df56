import { httpHandler } from '#shared/http/handler.ts';
import { listHeld } from '#shared/numbers/list-held.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as numbers from './routes.ts';

const deps = { numbers: numberRepository(connectTable()) };

export const handler = httpHandler(numbers.listDjs, async ({ query }) =>
  listHeld(deps, query.status, query.limit, query.cursor),
);
