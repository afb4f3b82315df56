import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import type { bookings } from './fields.ts';
import { type PaidCall, PaymentChanged, type PaymentRepository } from './payment.repository.ts';
import { type Payment, platformCurrency } from './payment.ts';
import { netOf, type PaymentEvent, type Position, positionOf } from './position.ts';

export interface BookDeps {
  payments: Pick<PaymentRepository, 'find' | 'callOf' | 'book'>;
  now(): Date;
}

const triesMax = 8;

export type Booking = (typeof bookings)[number];

/**
 * Books what TipJar reports, in whatever order and however often it does: to the call, or to suspense when none is
 * known; nothing is lost. Refunds and disputes take back what they concern, and may come before their payment.
 * @throws PaymentChanged when others keep booking the same payment: TipJar reports again
 */
export async function bookPayment(deps: BookDeps, event: PaymentEvent): Promise<Booking> {
  for (let tries = 1; ; tries++) {
    try {
      return await bookOnce(deps, event);
    } catch (error) {
      if (!(error instanceof PaymentChanged) || tries === triesMax) throw error;
    }
  }
}

async function bookOnce(deps: BookDeps, event: PaymentEvent): Promise<Booking> {
  const now = deps.now();
  const [{ payment: before, events }, call] = await Promise.all([
    deps.payments.find(event.paymentId),
    deps.payments.callOf(event),
  ]);
  if (events.some(({ eventId }) => eventId === event.eventId)) return 'duplicate';
  if (before !== undefined && contradicts(event, before)) {
    log.error('a payment was told again with another amount or currency; the first word stands', {
      paymentId: event.paymentId,
    });
    return 'duplicate';
  }
  const after = paymentAfter(before, event, positionOf([...events, event]), call, now);
  await deps.payments.book(before, after, event, now);
  return bookingOf(event, before, after);
}

function contradicts(event: PaymentEvent, { booked, currency }: Payment): boolean {
  const isDuplicate = event.type === 'payment.succeeded' && booked.grossCents > 0;
  return isDuplicate && (event.amountCents !== booked.grossCents || event.currency !== currency);
}

/** The payment as it stands after an event, when all of its events come to `booked`. */
export function paymentAfter(
  before: Payment | undefined,
  event: PaymentEvent,
  booked: Position,
  call: PaidCall | undefined,
  now: Date,
): Payment {
  const isPayment = event.type === 'payment.succeeded' && before?.booked.grossCents !== booked.grossCents;
  const payment: Payment = {
    paymentId: event.paymentId,
    revision: (before?.revision ?? 0) + 1,
    currency: before === undefined || isPayment ? event.currency : before.currency,
    djProfileId: before?.djProfileId ?? null,
    callId: before?.callId ?? null,
    named: {
      callId: before?.named.callId ?? event.callId ?? null,
      sessionId: before?.named.sessionId ?? event.sessionId ?? null,
    },
    booked,
    reason: null,
    assignedBy: before?.assignedBy ?? null,
    createdAt: before?.createdAt ?? now.toISOString(),
    updatedAt: now.toISOString(),
  };
  return payment.djProfileId === null ? matched(payment, call) : payment;
}

/** A payment in suspense, with its call if that is known by now. */
export function matched(payment: Payment, call: PaidCall | undefined): Payment {
  if (payment.currency !== platformCurrency) return { ...payment, reason: `it is in ${payment.currency}` };
  if (call === undefined) return { ...payment, reason: 'no call is known for it' };
  return { ...payment, ...call, reason: null };
}

function bookingOf(event: PaymentEvent, before: Payment | undefined, after: Payment): Booking {
  const was = before === undefined ? 0 : netOf(before.booked);
  const net = netOf(after.booked);
  const attached = before !== undefined && before.djProfileId !== after.djProfileId && was !== 0;
  if (was === net && !attached) {
    if (event.type === 'payment.succeeded' && before !== undefined) return 'duplicate';
    log.info('payment event kept, it changes nothing now', { type: event.type, paymentId: event.paymentId });
    return 'kept';
  }
  if (after.djProfileId === null) {
    count('PaymentUnmatched');
    log.warn('payment booked to suspense', { paymentId: event.paymentId, reason: after.reason });
    return 'suspense';
  }
  count('PaymentsBooked');
  return 'booked';
}
