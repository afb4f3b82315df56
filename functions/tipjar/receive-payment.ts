import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import type { CallId, PaymentEventId, PaymentId, SessionId } from '#shared/id.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { checkTipJarSignature } from '#shared/tipjar/signature.ts';
import * as tipjar from './routes.ts';

const deps = { payments: paymentRepository(connectTable()), now };

export const handler = httpHandler(
  tipjar.receivePayment,
  async ({ body: { id, type, created, data } }) => ({
    result: await bookPayment(deps, {
      eventId: id as PaymentEventId,
      type,
      happenedAt: new Date(typeof created === 'number' ? created * 1000 : created).toISOString(),
      paymentId: data.payment_id as PaymentId,
      sessionId: data.session_id as SessionId | undefined,
      callId: data.call_id as CallId | undefined,
      refundId: data.refund_id,
      outcome: data.outcome,
      amountCents: data.amount_cents,
      currency: data.currency,
    }),
  }),
  { guard: (event) => checkTipJarSignature(event, now()) },
);
