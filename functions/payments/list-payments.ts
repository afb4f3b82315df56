import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { paymentRecordOf } from '#shared/payments/show-payment.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const repository = paymentRepository(connectTable());

export const handler = httpHandler(payments.listPayments, async ({ query }) => {
  const place = await readCursor('unmatched', query.cursor, isKeyPlace);
  const { payments: found, next } = await repository.unmatched('something', query.limit, place);
  return {
    payments: found.map(paymentRecordOf),
    next_cursor: next === undefined ? null : await writeCursor('unmatched', next),
  };
});
