import * as z from 'zod';
import { keptId } from '#shared/fields.ts';
import type { CallId, E164, NumberId, PaymentId } from '#shared/id.ts';

/** What the platform is told of. */
export const eventTypes = [
  'call.completed',
  'call.missed',
  'voicemail.received',
  'voicemail.transcribed',
  'caller.forgotten',
  'payment.received',
  'payment.assigned',
  'payment.refunded',
  'payment.disputed',
  'payment.dispute_closed',
  'number.assigned',
  'number.updated',
  'number.deactivated',
  'number.freed',
  'number.released',
] as const;

export type EventType = (typeof eventTypes)[number];

/** What an event is about. */
export type EventEntity = CallId | PaymentId | NumberId;

export const eventStatuses = ['pending', 'delivered', 'failed'] as const;

/** What the queue says of an event: enough to know it again, and where to read the rest. */
export const eventMessage = z.object({
  type: z.enum(eventTypes),
  /** The call, payment or number that it is about. */
  entity: keptId<EventEntity>(),
  /** What of the entity it tells; the same fact of the same entity is the same event. */
  fact: z.string(),
  at: z.string(),
  /** Of payments: what this event is about. */
  amountCents: z.int().optional(),
  /** Of closed disputes. */
  outcome: z.enum(['won', 'lost']).optional(),
  /** Of numbers: the entry of the history. */
  change: z.object({ phoneNumber: keptId<E164>(), historyKey: z.string() }).optional(),
});

export type EventMessage = z.output<typeof eventMessage>;

export const eventId = z.string().regex(/^evt_[0-9a-f]{40}$/, 'must be an event id');

const attempt = z.object({
  at: z.string(),
  status: z.int().nullable().meta({ description: 'What the platform answered; null when it did not' }),
  error: z.string().nullable(),
  milliseconds: z.int(),
});

/** An event and how its delivery goes, as admins see it. The first seven members are what the platform gets. */
export const eventReply = z.object({
  id: z.string(),
  type: z.enum(eventTypes),
  created_at: z.string(),
  sequence: z.int().meta({ description: 'Counts the events of the entity from 1 without a gap' }),
  entity: z.string().meta({ description: 'Id of the call, payment or number that it is about' }),
  dj_profile_id: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  delivery: z.object({
    status: z.enum(eventStatuses),
    tries: z.int(),
    next_attempt_at: z.string().nullable(),
    delivered_at: z.string().nullable(),
    attempts: z.array(attempt).meta({ description: 'The last ten, oldest first' }),
  }),
});
