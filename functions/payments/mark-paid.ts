import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { markPaid } from '#shared/payments/mark-paid.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { paidOf } from '#shared/payments/payout.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const table = connectTable();
const deps = { ledger: ledgerRepository(table), lines: oldLines(table), now };

export const handler = httpHandler(
  payments.markPaid,
  once(table, async ({ body, principal }) => {
    const { dj_profile_id, month, reference } = body;
    const actor = `${principal.role}:${principal.subject}`;
    const mark = await markPaid(deps, { djProfileId: dj_profile_id, month, reference }, actor);
    return { paid: { dj_profile_id, month, ...paidOf(mark) } };
  }),
);
