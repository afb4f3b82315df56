import { now } from '#shared/clock.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { log } from '#shared/log.ts';
import { auditLedger } from '#shared/payments/audit-ledger.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();
const [lines, payments] = [oldLines(table), paymentRepository(table)];

export const handler = scheduleHandler(async () => {
  const deps = { ledger: ledgerRepository(table), lines, payments, now, random: Math.random };
  const audited = await auditLedger(deps);
  log.info('ledger audited', { ...audited });
  return audited;
});
