import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { searchNumber } from '#shared/numbers/search-number.ts';
import { connectTable } from '#shared/table/client.ts';
import { writtenPhone } from '#shared/written-phone.ts';
import * as numbers from './routes.ts';

const table = connectTable();
const deps = { numbers: numberRepository(table) };

export const handler = httpHandler(
  numbers.searchNumber,
  once(table, async ({ body, principal }) => ({
    number: await searchNumber(deps, principal, writtenPhone(body.phone_number, 'body.phone_number')),
  })),
);
