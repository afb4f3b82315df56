import type { ChangeRule } from '#shared/queue/change.ts';
import type { PaymentEvent } from './position.ts';

/** The end of a dispute, which TipJar may tell under several ids, is told to the platform. */
export const relayPaymentEvent: ChangeRule = (before, after) => {
  const { type, happenedAt, outcome, paymentId: entity, amountCents } = after.event as PaymentEvent;
  if (before !== undefined || type !== 'payment.dispute_closed') return [];
  const fact = `${type} ${happenedAt} ${outcome}`;
  const at = String(after.createdAt);
  return [{ queue: 'events', body: { type, entity, fact, at, amountCents, outcome } }];
};
