import { recentRange } from '#shared/calls/range.ts';
import { now } from '#shared/clock.ts';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { listPayments } from '#shared/payments/list-payments.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { paymentReplyOf } from '#shared/payments/payment-reply.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const table = connectTable();
const repository = paymentRepository(table);
const deps = { payments: repository, ledger: ledgerRepository(table), now };

export const handler = httpHandler(payments.listPayments, async ({ query }) => {
  if (query.unmatched === true) {
    const place = await readCursor('unmatched', query.cursor, isKeyPlace);
    const { payments: found, next } = await repository.unmatched('something', query.limit, place);
    return {
      payments: found.map(paymentReplyOf),
      next_cursor: next === undefined ? null : await writeCursor('unmatched', next),
    };
  }
  const { dj_profile_id: djProfileId, status, unmatched } = query;
  const filters = { djProfileId, status, unmatched, ...recentRange(query, now()) };
  const page = await listPayments(deps, filters, query.limit, query.cursor);
  return { ...page, payments: page.payments.map(paymentReplyOf) };
});
