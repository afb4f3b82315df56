import type * as z from 'zod';
import { toDecimal } from '#shared/money.ts';
import type { paymentReply } from './fields.ts';
import type { Payment } from './payment.ts';
import { netOf } from './position.ts';

/** A payment in the API's words. */
export function paymentReplyOf(payment: Payment): z.input<typeof paymentReply> {
  return {
    id: payment.paymentId,
    amount: toDecimal(netOf(payment.booked)),
    currency: payment.currency,
    status: payment.djProfileId === null ? 'suspense' : 'booked',
    reason: payment.reason,
    dj_profile_id: payment.djProfileId,
    call_id: payment.callId,
    named_call_id: payment.named.callId,
    named_session_id: payment.named.sessionId,
    refunded: toDecimal(payment.booked.refundedCents),
    disputed: toDecimal(payment.booked.disputedCents),
    assigned_by: payment.assignedBy,
    created_at: payment.createdAt,
    updated_at: payment.updatedAt,
  };
}
