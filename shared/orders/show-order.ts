import type * as z from 'zod';
import { Failure } from '#shared/failure.ts';
import type { E164 } from '#shared/id.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import type { purchaseReply } from './fields.ts';
import type { OrderRepository } from './order.repository.ts';
import { type LineOutcome, outcomeOf } from './order.ts';

export interface ShowOrderDeps {
  orders: Pick<OrderRepository, 'find' | 'lines'>;
  numbers: Pick<NumberRepository, 'findMany'>;
}

/**
 * A purchase of many numbers as it stands.
 * @throws Failure NOT_FOUND
 */
export async function showOrder(
  deps: ShowOrderDeps,
  orderId: string,
): Promise<z.input<typeof purchaseReply>> {
  const [order, lines] = await Promise.all([deps.orders.find(orderId), deps.orders.lines(orderId)]);
  if (order === undefined) throw new Failure('NOT_FOUND', 'No purchase has this id');
  const known = new Map<string, VirtualNumber>();
  for (let first = 0; first < lines.length; first += 100) {
    const some = lines.slice(first, first + 100).map(({ phoneNumber }) => phoneNumber as E164);
    for (const number of await deps.numbers.findMany(some)) known.set(number.phoneNumber, number);
  }
  const numbers = lines.map((line) => {
    const number = known.get(line.phoneNumber);
    const status = outcomeOf(line, order.id, number);
    return {
      phoneNumber: line.phoneNumber,
      sid: status === 'bought' ? (number?.sid ?? null) : null,
      status,
      code: line.code,
      reason: line.reason,
    };
  });
  const having = (status: LineOutcome) => numbers.filter((number) => number.status === status).length;
  return {
    id: order.id,
    status: order.status,
    count: order.count,
    areaCode: order.areaCode,
    bought: having('bought'),
    failed: having('failed'),
    unknown: having('unknown'),
    reason: order.reason,
    created_at: order.createdAt,
    finished_at: order.finishedAt,
    numbers,
  };
}
