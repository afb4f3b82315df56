import { httpHandler, TextReply } from '#shared/http/handler.ts';
import { djAsked } from '#shared/http/scope.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { payoutCsv, payoutOf } from '#shared/payments/payout.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const table = connectTable();
const deps = { ledger: ledgerRepository(table), lines: oldLines(table) };

export const handler = httpHandler(payments.showPayout, async ({ query, principal }) => {
  const payout = await payoutOf(deps, djAsked(principal, query.dj_profile_id), query.month);
  return query.format === 'csv'
    ? new TextReply('text/csv', payoutCsv(payout), `payout-${query.month}.csv`)
    : { payout };
});
