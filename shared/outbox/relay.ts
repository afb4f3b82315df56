<<<<<<< HEAD
import { storedClick } from '#shared/attribution/fields.ts';
import { type Call, readCall } from '#shared/calls/call.ts';
import { contributionOf } from '#shared/calls/contribution.ts';
import { recordingOf } from '#shared/calls/recording-of.ts';
import { isOver, settle } from '#shared/calls/settle.ts';
import { readExport } from '#shared/exports/export.ts';
import type { E164, NumberId } from '#shared/id.ts';
import { storedOrder } from '#shared/orders/order.ts';
import { storedPayment } from '#shared/payments/payment.ts';
import type { PaymentEvent } from '#shared/payments/position.ts';
import {
  eventsOfCall,
  eventsOfDispute,
  eventsOfNumber,
  eventsOfPayment,
} from '#shared/platform-events/facts.ts';
import type { MessageOf, OutMessage } from '#shared/queue-name.ts';
import { recordingKinds } from '#shared/recording-kinds.ts';
=======
import { relayClick } from '#shared/attribution/relay-click.ts';
import { relayCall } from '#shared/calls/relay-call.ts';
import { relayExport } from '#shared/exports/relay-export.ts';
import { relayNumberChange } from '#shared/numbers/relay-number-change.ts';
import { relayPayment } from '#shared/payments/relay-payment.ts';
import { relayPaymentEvent } from '#shared/payments/relay-payment-event.ts';
import { relayOrder } from '#shared/pool/relay-order.ts';
import type { ChangeRule, Image } from '#shared/queue/change.ts';
import type { OutMessage } from '#shared/queue/queue-name.ts';
>>>>>>> issue10-calls
import { wasPutBack } from '#shared/table/mark.ts';
import { type RelayedEntity, relayedEntities } from './entities.ts';

/** Each rule stands with its domain; here it is only looked up. */
const rules: Readonly<Record<RelayedEntity, ChangeRule>> = {
  call: relayCall,
  order: relayOrder,
  'number-history': relayNumberChange,
  click: relayClick,
  payment: relayPayment,
  'payment-event': relayPaymentEvent,
  export: relayExport,
};

/** What must follow from a change of an item; what is deleted sends nothing. */
export function messagesOf(before: Image | undefined, after: Image | undefined): OutMessage[] {
  // What was to follow from it followed when it was first written.
<<<<<<< HEAD
  if (wasPutBack(before, after)) return [];
  if (after?.entity === 'call' && after.sk === 'CALL') return ofCall(before, after);
  if (after?.entity === 'order') return ofOrder(before, after);
  if (after?.entity === 'click') return ofClick(before, after);
  if (after?.entity === 'export') return ofExport(before, after);
  if (after?.entity === 'number-history') return ofNumberChange(before, after);
  if (after?.entity === 'payment') return ofPayment(before, after);
  if (after?.entity === 'payment-event' && before === undefined)
    return told(eventsOfDispute(after.event as PaymentEvent, String(after.createdAt)));
  return [];
}

function told(events: MessageOf<'events'>[]): OutMessage[] {
  return events.map((body) => ({ queue: 'events', body }));
}

function ofPayment(before: Image, after: NonNullable<Image>): OutMessage[] {
  const was = before === undefined ? undefined : storedPayment.parse(before.record);
  return told(eventsOfPayment(was, storedPayment.parse(after.record)));
}

function ofCall(before: Image, after: NonNullable<Image>): OutMessage[] {
  const was = before === undefined ? undefined : readCall(before);
  const is = readCall(after);
  const body = { callId: is.id };
  const finished = isReady(is) && (was === undefined || !isReady(was));
  const messages: OutMessage[] = [];
  if (is.source === 'twilio' && is.followUp == null && finished) messages.push({ queue: 'followUps', body });
  const countedAs = (call: typeof was) =>
    JSON.stringify(call === undefined ? undefined : contributionOf(call));
  if (finished || countedAs(was) !== countedAs(is)) messages.push({ queue: 'callFacts', body });
  const arrived = is.routing?.kind === 'forward' && was?.routing == null;
  const lostClick = was?.attribution != null && is.attribution == null;
  if (arrived || lostClick) messages.push({ queue: 'attributions', body });
  return [...messages, ...refusals(was, is), ...recordings(was, is), ...told(eventsOfCall(was, is))];
}

/** A click, whose call may be there already, or one that a call let go of, which another may want. */
function ofClick(before: Image, after: NonNullable<Image>): OutMessage[] {
  const isFreed = before?.claimedBy !== undefined && after.claimedBy === undefined;
  if (before !== undefined && !isFreed) return [];
  const { djProfileId, at } = storedClick.parse(after.record);
  return [{ queue: 'attributions', body: { djProfileId, clickedAt: at } }];
}

/** Recordings that Twilio tells of for the first time. */
function recordings(was: Call | undefined, is: Call): OutMessage[] {
  return recordingKinds
    .filter((kind) => recordingOf(is, kind) !== undefined && (was && recordingOf(was, kind)) === undefined)
    .map((kind) => ({ queue: 'recordings', body: { callId: is.id, kind } }));
}

/** Numbers whose texts carriers refuse, as this change tells it for the first time. */
function refusals(was: Call | undefined, is: Call): OutMessage[] {
  return Object.entries(is.deliveries).flatMap(([state, { errorCode, from }]) => {
    const known = was?.deliveries[state] !== undefined;
    if (known || from == null || errorCode == null || !unregisteredCodes.includes(errorCode)) return [];
    return [{ queue: 'refusals', body: { phoneNumber: from, code: errorCode } }];
  });
}

/** An order that waits for a worker, for the first time or again. */
function ofOrder(before: Image, after: NonNullable<Image>): OutMessage[] {
  const is = storedOrder.parse(after.record);
  const was = before === undefined ? undefined : storedOrder.parse(before.record);
  if (is.status !== 'queued' || was?.attempts === is.attempts) return [];
  return [{ queue: 'orders', body: { orderId: is.id } }];
}

/** A new export; once it runs, the queue itself brings its message again. */
function ofExport(before: Image, after: NonNullable<Image>): OutMessage[] {
  if (before !== undefined) return [];
  return [{ queue: 'exports', body: { exportId: readExport(after.record).id } }];
}

/** A change of a number is told to the platform; a new forwarding target also to whoever has the old one. */
function ofNumberChange(before: Image, after: NonNullable<Image>): OutMessage[] {
  if (before !== undefined) return [];
  const place = { phoneNumber: String(after.phoneNumber) as E164, historyKey: String(after.sk) };
  const { numberId, at, from, to } = after;
  return [
    ...(after.formerRealPhoneNumber == null ? [] : [{ queue: 'notices' as const, body: place }]),
    // Entries of earlier versions do not name the number.
    ...(typeof numberId === 'string'
      ? told(eventsOfNumber({ ...place, numberId: numberId as NumberId, at: String(at), from, to }))
      : []),
  ];
}

/** Over, and known whose it is: a call that came while the table was down waits for the sweeper to find that out. */
function isReady(call: Call): boolean {
  return call.routing != null && isOver(settle(call));
=======
  if (after === undefined || wasPutBack(before, after)) return [];
  const entity = relayedEntities.find((one) => one === after.entity);
  return entity === undefined ? [] : rules[entity](before, after);
>>>>>>> issue10-calls
}
