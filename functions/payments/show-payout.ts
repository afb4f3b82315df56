import { httpHandler, TextReply } from '#shared/http/handler.ts';
import { djAsked } from '#shared/http/scope.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { payoutCsv, payoutOf } from '#shared/payments/statement.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const deps = { payments: paymentRepository(connectTable()) };

export const handler = httpHandler(payments.showPayout, async ({ query, principal }) => {
  const payout = await payoutOf(deps, djAsked(principal, query.dj_profile_id), query.month);
  return query.format === 'csv'
    ? new TextReply('text/csv', payoutCsv(payout), `payout-${query.month}.csv`)
    : { payout };
});
