import * as z from 'zod';
import { callEventTypes, numberEventTypes, paymentEventTypes } from '#shared/platform-event-types.ts';
import { recordingKinds } from '#shared/recording-kinds.ts';

/*
 * The queues between functions: each export is one, and says what its messages say. Names, grants, variables and the
 * queues themselves follow from this list. Arrows, so that a worker's bundle carries its own message alone.
 */

export const followUps = () => z.object({ callId: z.string() });

export const callFacts = () => z.object({ callId: z.string() });

export const orders = () => z.object({ orderId: z.string() });

/** Which change of a number is to be told: the key of its history. */
export const notices = () => z.object({ phoneNumber: z.string(), historyKey: z.string() });

/** Whose text carriers refused, and by which of Twilio's codes. */
export const refusals = () => z.object({ phoneNumber: z.string(), code: z.string() });

/** A call came in, or somebody clicked on the number of a DJ's page. */
export const attributions = () =>
  z.union([z.object({ callId: z.string() }), z.object({ djProfileId: z.string(), clickedAt: z.string() })]);

/** What the platform is to be told: enough to know the event again, and where to read the rest. */
export const events = () =>
  z.discriminatedUnion('type', [
    z.object({ type: z.enum(callEventTypes), ...told() }),
    z.object({
      type: z.enum(paymentEventTypes).exclude(['payment.dispute_closed']),
      ...told(),
      /** What this event is about. */
      amountCents: z.int(),
    }),
    z.object({
      type: z.literal('payment.dispute_closed'),
      ...told(),
      amountCents: z.int(),
      outcome: z.enum(['won', 'lost']).optional(),
    }),
    z.object({
      type: z.enum(numberEventTypes),
      ...told(),
      /** The entry of the number's history. */
      change: z.object({ phoneNumber: z.string(), historyKey: z.string() }),
    }),
  ]);

/** Which recording of a call is to be copied. */
export const recordings = () => z.object({ callId: z.string(), kind: z.enum(recordingKinds) });

export const exports = () => z.object({ exportId: z.string() });

const told = () => ({
  /** The call, payment or number that it is about. */
  entity: z.string(),
  /** What of the entity it tells; the same fact of the same entity is the same event. */
  fact: z.string(),
  at: z.string(),
});
