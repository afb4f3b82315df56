import { httpHandler } from '#shared/http/handler.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { showOrder } from '#shared/orders/show-order.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const table = connectTable();
const deps = { orders: orderRepository(table), numbers: numberRepository(table) };

export const handler = httpHandler(pool.getPurchase, async ({ params }) => ({
  purchase: await showOrder(deps, params.id),
}));
