import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { matchPayments } from '#shared/payments/match-payments.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';

const deps = { payments: paymentRepository(connectTable()), now };

export const handler = scheduleHandler<{ matched: number }>(async () => {
  const matched = await matchPayments(deps);
  if (matched > 0) log.info('payments found their calls', { matched });
  return { matched };
});
