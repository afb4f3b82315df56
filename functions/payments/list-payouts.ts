import { now } from '#shared/clock.ts';
import { httpHandler, TextReply } from '#shared/http/handler.ts';
import type { DjProfileId } from '#shared/id.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { namesOf } from '#shared/numbers/names-of.ts';
import { monthPayoutsCsv, payoutsOfMonth } from '#shared/payments/month-payouts.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const table = connectTable();
const deps = {
  ledger: ledgerRepository(table),
  lines: oldLines(table),
  namesOf: (djProfileIds: DjProfileId[]) => namesOf(table, djProfileIds),
  now,
};

export const handler = httpHandler(payments.listPayouts, async ({ query }) => {
  const payouts = await payoutsOfMonth(deps, query.month);
  return query.format === 'csv'
    ? new TextReply('text/csv', monthPayoutsCsv(payouts), `payouts-${query.month}.csv`)
    : { payouts };
});
