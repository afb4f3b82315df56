import { httpHandler, TextReply } from '#shared/http/handler.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { revenueCsv, revenueOf } from '#shared/payments/revenue.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const table = connectTable();
const deps = { ledger: ledgerRepository(table), lines: oldLines(table) };

export const handler = httpHandler(payments.showRevenue, async ({ query }) => {
  const revenue = await revenueOf(deps, query.month);
  return query.format === 'csv'
    ? new TextReply('text/csv', revenueCsv(revenue), `revenue-${query.month}.csv`)
    : { revenue };
});
