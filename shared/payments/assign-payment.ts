import { Failure } from '#shared/failure.ts';
import type { CallId, DjProfileId, PaymentId } from '#shared/id.ts';
import { PaymentChanged, type PaymentRepository } from './payment.repository.ts';
import { type Payment, platformCurrency } from './payment.ts';

export interface AssignPaymentDeps {
  payments: Pick<PaymentRepository, 'find' | 'callOf' | 'book'>;
  now(): Date;
}

/**
 * Says whose a payment in suspense is: a call's, or a DJ's without a call.
 * @throws Failure NOT_FOUND (no such payment, no such call of a DJ), ILLEGAL_STATE (not in suspense, or in another
 *   currency than the platform's), IN_PROGRESS
 */
export async function assignPayment(
  deps: AssignPaymentDeps,
  paymentId: PaymentId,
  owner: { callId: CallId } | { djProfileId: DjProfileId },
  actor: string,
): Promise<Payment> {
  const [{ payment }, call] = await Promise.all([
    deps.payments.find(paymentId),
    'callId' in owner ? deps.payments.callOf(owner) : undefined,
  ]);
  if (payment === undefined) throw new Failure('NOT_FOUND', 'No payment has this id');
  if (payment.djProfileId !== null) {
    throw new Failure(
      'ILLEGAL_STATE',
      'The payment is booked already; only money in suspense can be assigned',
    );
  }
  if (payment.currency !== platformCurrency) {
    throw new Failure(
      'ILLEGAL_STATE',
      `The payment is in ${payment.currency}: settle it outside of this system`,
    );
  }
  if ('callId' in owner && call === undefined) throw new Failure('NOT_FOUND', 'No call of a DJ has this id');
  const now = deps.now();
  const assigned: Payment = {
    ...payment,
    ...('djProfileId' in owner ? { djProfileId: owner.djProfileId, callId: null } : call),
    reason: null,
    assignedBy: actor,
    revision: payment.revision + 1,
    updatedAt: now.toISOString(),
  };
  try {
    await deps.payments.book(payment, assigned, undefined, now);
    return assigned;
  } catch (error) {
    if (!(error instanceof PaymentChanged)) throw error;
    throw new Failure('IN_PROGRESS', 'The payment was booked at the same moment; look at it again', {
      cause: error,
    });
  }
}
