import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { assignPayment } from '#shared/payments/assign-payment.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { paymentReplyOf } from '#shared/payments/payment-reply.ts';
import { connectTable } from '#shared/table/client.ts';
import * as payments from './routes.ts';

const table = connectTable();
const deps = { payments: paymentRepository(table), now };

export const handler = httpHandler(
  payments.assignPayment,
  once(table, async ({ params, body, principal }) => {
    const owner =
      body.call_id === undefined ? { djProfileId: body.dj_profile_id ?? '' } : { callId: body.call_id };
    const actor = `${principal.role}:${principal.subject}`;
    return { payment: paymentReplyOf(await assignPayment(deps, params.id, owner, actor)) };
  }),
);
