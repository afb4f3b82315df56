import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import type { PaymentEvent, PaymentRepository } from './payment.repository.ts';

export interface BookDeps {
  payments: PaymentRepository;
  now(): Date;
}

/** The currency of the ledger; another one is booked apart. */
const platformCurrency = 'usd';

/**
 * Books what TipJar reports, however often it does: to the call, or to suspense when none is known; nothing is lost.
 * Refunds and disputes are kept as they came.
 */
export async function bookPayment(
  deps: BookDeps,
  event: PaymentEvent,
): Promise<'booked' | 'duplicate' | 'suspense' | 'kept'> {
  const now = deps.now();
  if (event.type !== 'payment.succeeded') {
    if (!(await deps.payments.keep(event, now))) return 'duplicate';
    log.warn('payment event kept, nothing is booked for it', {
      type: event.type,
      paymentId: event.paymentId,
    });
    return 'kept';
  }
  const call = await deps.payments.callOf(event);
  if (call !== undefined && event.currency === platformCurrency) {
    if (!(await deps.payments.bookToCall(event, call, now))) return 'duplicate';
    count('PaymentsBooked');
    return 'booked';
  }
  const reason = call === undefined ? 'no call is known for it' : `it is in ${event.currency}`;
  if (!(await deps.payments.bookToSuspense(event, reason, now))) return 'duplicate';
  count('PaymentUnmatched');
  log.warn('payment booked to suspense', { paymentId: event.paymentId, reason });
  return 'suspense';
}
