import * as z from 'zod';
import type {
  CallId,
  E164,
  ExportId,
  MessageSid,
  NumberId,
  OrderId,
  OwnerId,
  PaymentId,
} from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';
import {
  callEventTypes,
  numberEventTypes,
  paymentEventTypes,
  textEventTypes,
} from '#shared/platform-event-types.ts';
import { recordingKinds } from '#shared/recording-kinds.ts';

/*
 * The queues between functions: each export is one, and says what its messages say. Names, grants, variables and the
 * queues themselves follow from this list. Arrows, so that a worker's bundle carries its own message alone.
 */

export const followUps = () => z.object({ callId: keptId<CallId>() });

export const callFacts = () => z.object({ callId: keptId<CallId>() });

export const orders = () => z.object({ orderId: keptId<OrderId>() });

/** Which change of a number is to be told: the key of its history. */
export const notices = () => z.object({ phoneNumber: keptId<E164>(), historyKey: z.string() });

/** A text that came to a virtual number. */
export const receivedTexts = () =>
  z.object({ phoneNumber: keptId<E164>(), messageSid: keptId<MessageSid>() });

/** What a DJ may want to be told of, and when it happened. */
export const alerts = () =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('text'),
      phoneNumber: keptId<E164>(),
      messageSid: keptId<MessageSid>(),
      at: z.string(),
    }),
    z.object({ kind: z.enum(['missed-call', 'voicemail']), callId: keptId<CallId>(), at: z.string() }),
    z.object({ kind: z.literal('payment'), paymentId: keptId<PaymentId>(), at: z.string() }),
  ]);

/** Whose text carriers refused, and by which of Twilio's codes. */
export const refusals = () => z.object({ phoneNumber: keptId<E164>(), code: z.string() });

/** A call came in, or somebody clicked on the number of a DJ's page. */
export const attributions = () =>
  z.union([
    z.object({ callId: keptId<CallId>() }),
    z.object({ djProfileId: keptId<OwnerId>(), clickedAt: z.string() }),
  ]);

/** What the platform is to be told: enough to know the event again, and where to read the rest. */
export const events = () =>
  z.discriminatedUnion('type', [
    z.object({ type: z.enum(callEventTypes), ...factOf<CallId>() }),
    z.object({
      type: z.enum(paymentEventTypes).exclude(['payment.dispute_closed']),
      ...factOf<PaymentId>(),
      /** What this event is about. */
      amountCents: z.int(),
    }),
    z.object({
      type: z.literal('payment.dispute_closed'),
      ...factOf<PaymentId>(),
      amountCents: z.int(),
      outcome: z.enum(['won', 'lost']).optional(),
    }),
    z.object({
      type: z.enum(numberEventTypes),
      ...factOf<NumberId>(),
      /** The entry of the number's history. */
      change: z.object({ phoneNumber: keptId<E164>(), historyKey: z.string() }),
    }),
    z.object({
      type: z.enum(textEventTypes),
      ...factOf<MessageSid>(),
      /** The number that it came to. */
      phoneNumber: keptId<E164>(),
    }),
  ]);

/** Which recording of a call is to be copied. */
export const recordings = () => z.object({ callId: keptId<CallId>(), kind: z.enum(recordingKinds) });

export const exports = () => z.object({ exportId: keptId<ExportId>() });

const factOf = <Entity extends string>() => ({
  /** The call, payment, number or text that it is about. */
  entity: keptId<Entity>(),
  /** What of the entity it tells; the same fact of the same entity is the same event. */
  fact: z.string(),
  at: z.string(),
});
