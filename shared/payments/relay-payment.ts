import type { ChangeRule, PlatformMessage } from '#shared/queue/change.ts';
import type { OutMessage } from '#shared/queue-name.ts';
import { type Payment, storedPayment } from './payment.ts';
import { netOf, nothing } from './position.ts';

/** What a booking tells the platform, and the DJ whose money it is. The lost end of a dispute moves no money, see `relayPaymentEvent`. */
export const relayPayment: ChangeRule = (before, after) => {
  const was = before === undefined ? undefined : storedPayment.parse(before.record);
  const is = storedPayment.parse(after.record);
  const held = was?.booked ?? nothing;
  const { booked, revision } = is;
  const messageOf = (
    type: 'payment.received' | 'payment.assigned' | 'payment.refunded' | 'payment.disputed',
    fact: string,
    amountCents: number,
  ): PlatformMessage => ({
    queue: 'events',
    body: { type, entity: is.paymentId, fact, at: is.updatedAt, amountCents },
  });

  const messages: OutMessage[] = [];
  if (held.grossCents === 0 && booked.grossCents > 0)
    messages.push(messageOf('payment.received', 'payment.received', booked.grossCents));
  else if (was?.djProfileId === null && is.djProfileId !== null && booked.grossCents > 0)
    messages.push(messageOf('payment.assigned', `payment.assigned ${revision}`, netOf(booked)));
  const refundedCents = booked.refundedCents - held.refundedCents;
  if (refundedCents > 0)
    messages.push(messageOf('payment.refunded', `payment.refunded ${revision}`, refundedCents));
  const disputedCents = booked.disputedCents - held.disputedCents;
  if (disputedCents > 0)
    messages.push(messageOf('payment.disputed', `payment.disputed ${revision}`, disputedCents));
  const isOfDj = ({ djProfileId, booked: { grossCents } }: Payment) => djProfileId !== null && grossCents > 0;
  if (isOfDj(is) && (was === undefined || !isOfDj(was)))
    messages.push({ queue: 'alerts', body: { kind: 'payment', paymentId: is.paymentId, at: is.updatedAt } });
  return messages;
};
