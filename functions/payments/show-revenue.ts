import { httpHandler } from '#shared/http/handler.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { revenueOf } from '#shared/payments/statement.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const deps = { payments: paymentRepository(connectTable()) };

export const handler = httpHandler(payments.showRevenue, async ({ query }) => ({
  revenue: await revenueOf(deps, query.month),
}));
