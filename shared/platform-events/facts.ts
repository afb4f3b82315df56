import type { Call } from '#shared/calls/call.ts';
import { isOver, settle } from '#shared/calls/settle.ts';
import { spamOf } from '#shared/calls/spam.ts';
import type { EventType } from '#shared/event-types.ts';
import type { Payment } from '#shared/payments/payment.ts';
import { netOf, type PaymentEvent } from '#shared/payments/position.ts';
import type { MessageOf } from '#shared/queue-name.ts';

type EventMessage = MessageOf<'events'>;

type Told = Omit<EventMessage, 'entity' | 'at'>;

/** What a change of a call tells the platform. What it logged by hand it knows, but not that the caller was forgotten. */
export function eventsOfCall(was: Call | undefined, is: Call): EventMessage[] {
  const facts: [EventType, (call: Call) => boolean][] = [
    ['call.completed', isKnownAndOver],
    ['call.missed', isMissed],
    ['voicemail.received', hasVoicemail],
    ['voicemail.transcribed', (call) => hasVoicemail(call) && call.transcription != null],
    ['caller.forgotten', ({ forgottenAt }) => forgottenAt != null],
  ];
  return facts
    .filter(([, holds]) => holds(is) && (was === undefined || !holds(was)))
    .map(([type]) => ({ type, entity: is.id, fact: type, at: is.updatedAt }));
}

function isKnownAndOver(call: Call): boolean {
  return call.routing != null && isOver(settle(call));
}

/**
 * Over, and the DJ did not take it, whether the caller left a message or not: which of the two webhooks came first must
 * not decide what is told.
 */
function isMissed(call: Call): boolean {
  const settled = settle(call);
  if (call.routing?.kind !== 'forward' || settled.outcome === null) return false;
  return settled.outcome !== 'answered' && !spamOf(call, settled).isSpam;
}

function hasVoicemail({ routing, voicemail }: Call): boolean {
  return routing?.kind === 'forward' && voicemail != null && voicemail.durationSeconds > 0;
}

/** What a booking tells of a payment. The lost end of a dispute moves no money, see `eventOfDispute`. */
export function eventsOfPayment(was: Payment | undefined, is: Payment): EventMessage[] {
  const before = was?.booked ?? { grossCents: 0, refundedCents: 0, disputedCents: 0 };
  const { booked, revision } = is;
  const told: Told[] = [];
  if (before.grossCents === 0 && booked.grossCents > 0) {
    told.push({ type: 'payment.received', fact: 'payment.received', amountCents: booked.grossCents });
  } else if (was?.djProfileId === null && is.djProfileId !== null && booked.grossCents > 0) {
    told.push({ type: 'payment.assigned', fact: `payment.assigned ${revision}`, amountCents: netOf(booked) });
  }
  const refundedCents = booked.refundedCents - before.refundedCents;
  if (refundedCents > 0)
    told.push({
      type: 'payment.refunded',
      fact: `payment.refunded ${revision}`,
      amountCents: refundedCents,
    });
  const disputedCents = booked.disputedCents - before.disputedCents;
  if (disputedCents > 0)
    told.push({
      type: 'payment.disputed',
      fact: `payment.disputed ${revision}`,
      amountCents: disputedCents,
    });
  return told.map((event) => ({ ...event, entity: is.paymentId, at: is.updatedAt }));
}

/** The end of a dispute, which TipJar may tell under several ids. */
export function eventsOfDispute(told: PaymentEvent, at: string): EventMessage[] {
  const { type, happenedAt, outcome, paymentId: entity, amountCents } = told;
  if (type !== 'payment.dispute_closed') return [];
  return [{ type, entity, fact: `${type} ${happenedAt} ${outcome}`, at, amountCents, outcome }];
}

/** An entry of a number's history, as far as it matters here. */
export interface NumberFact {
  numberId: string;
  phoneNumber: string;
  historyKey: string;
  at: string;
  from: unknown;
  to: unknown;
}

/** What a change of a number tells the platform: what concerns a DJ, and what leaves the account. */
export function eventsOfNumber({ numberId, at, from, to, ...change }: NumberFact): EventMessage[] {
  const type = typeOfChange(from, to);
  if (type === undefined) return [];
  const { phoneNumber, historyKey } = change;
  return [{ type, entity: numberId, fact: historyKey, at, change: { phoneNumber, historyKey } }];
}

function typeOfChange(from: unknown, to: unknown): EventType | undefined {
  if (to === 'assigned') return from === 'assigned' ? 'number.updated' : 'number.assigned';
  if (from === 'assigned' && to === 'cooling') return 'number.deactivated';
  if (from === 'cooling' && to === 'available') return 'number.freed';
  return to === 'released' ? 'number.released' : undefined;
}
