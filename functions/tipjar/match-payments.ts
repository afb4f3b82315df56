import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { matchPayments } from '#shared/payments/match-payments.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { connectTable } from '#shared/table/client.ts';

const deps = { payments: paymentRepository(connectTable()), now };

export async function handler(): Promise<{ matched: number }> {
  const matched = await matchPayments(deps);
  if (matched > 0) log.info('payments found their calls', { matched });
  return { matched };
}
