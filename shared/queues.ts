import * as z from 'zod';
import { eventTypes } from '#shared/event-types.ts';
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
  z.object({
    type: z.enum(eventTypes),
    /** The call, payment or number that it is about. */
    entity: z.string(),
    /** What of the entity it tells; the same fact of the same entity is the same event. */
    fact: z.string(),
    at: z.string(),
    /** Of payments: what this event is about. */
    amountCents: z.int().optional(),
    /** Of closed disputes. */
    outcome: z.enum(['won', 'lost']).optional(),
    /** Of numbers: the entry of the history. */
    change: z.object({ phoneNumber: z.string(), historyKey: z.string() }).optional(),
  });

/** Which recording of a call is to be copied. */
export const recordings = () => z.object({ callId: z.string(), kind: z.enum(recordingKinds) });

export const exports = () => z.object({ exportId: z.string() });
