import type { CallId, PaymentEventId, PaymentId, SessionId } from '#shared/id.ts';
import type { disputeOutcomes, paymentEventKinds } from './fields.ts';

/** What TipJar told of a payment, one event. Amounts are in cents, and of this event alone. */
export interface PaymentEvent {
  eventId: PaymentEventId;
  type: (typeof paymentEventKinds)[number];
  /** When it happened, as TipJar says: ISO 8601. */
  happenedAt: string;
  paymentId: PaymentId;
  sessionId: SessionId | undefined;
  callId: CallId | undefined;
  /** Tells refunds of one payment apart; a refund without one counts by its event. */
  refundId: string | undefined;
  /** Of `payment.dispute_closed`. */
  outcome: (typeof disputeOutcomes)[number] | undefined;
  amountCents: number;
  /** In small letters. */
  currency: string;
}

/** An event of a payment, and when it was booked. */
export interface BookedEvent {
  event: PaymentEvent;
  bookedAt: string;
}

/** What a payment comes to. `refundedCents` and `disputedCents` together never exceed `grossCents`. */
export interface Position {
  grossCents: number;
  refundedCents: number;
  /** Held back while a dispute is open, and for good when it is lost. */
  disputedCents: number;
}

export const nothing: Position = { grossCents: 0, refundedCents: 0, disputedCents: 0 };

/** What is left of a payment. */
export function netOf({ grossCents, refundedCents, disputedCents }: Position): number {
  return grossCents - refundedCents - disputedCents;
}

/**
 * What the events of a payment come to, in whatever order and however often they were told: the first success is the
 * payment, refunds add up, the last word on a dispute counts. Refunds of more than was paid count as all of it; nothing
 * counts before the payment itself is known, nor in another currency than its own.
 */
export function positionOf(events: PaymentEvent[]): Position {
  const inTurn = events.toSorted((a, b) => order(a.happenedAt, b.happenedAt) || order(a.eventId, b.eventId));
  const payment = inTurn.find(({ type }) => type === 'payment.succeeded');
  if (payment === undefined) return nothing;
  const grossCents = payment.amountCents;
  const own = inTurn.filter(({ currency }) => currency === payment.currency);

  const refunds = new Map<string, number>();
  for (const { type, refundId, eventId, amountCents } of own) {
    if (type === 'payment.refunded') refunds.set(refundId ?? eventId, amountCents);
  }
  const refunded = [...refunds.values()].reduce((sum, cents) => sum + cents, 0);
  const refundedCents = Math.min(refunded, grossCents);

  const dispute = own.findLast(({ type }) => type === 'payment.disputed');
  const closed = own.findLast(({ type }) => type === 'payment.dispute_closed');
  const isWon =
    closed?.outcome === 'won' && (dispute === undefined || closed.happenedAt >= dispute.happenedAt);
  const disputed = isWon ? 0 : (dispute?.amountCents ?? closed?.amountCents ?? 0);
  return { grossCents, refundedCents, disputedCents: Math.min(disputed, grossCents - refundedCents) };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
