import * as z from 'zod';
import { eventTypes } from '#shared/platform-event-types.ts';

export const eventStatuses = ['pending', 'delivered', 'failed'] as const;

export const eventId = z.string().regex(/^evt_[0-9a-f]{40}$/, 'must be an event id');

/** One try to deliver an event. */
export const attempt = z
  .object({
    at: z.string(),
    status: z.int().nullable().meta({ description: 'What the platform answered; null if it did not' }),
    error: z.string().nullable(),
    milliseconds: z.int(),
  })
  .meta({ id: 'DeliveryAttempt' });

/** An event and how its delivery goes, as admins see it. The first seven members are what the platform gets. */
export const eventReply = z
  .object({
    id: z.string(),
    type: z.enum(eventTypes),
    created_at: z.string(),
    sequence: z.int().meta({ description: 'Counts the events of the entity from 1, without gaps' }),
    entity: z.string().meta({ description: 'Id of the call, payment or number it is about' }),
    dj_profile_id: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
    delivery: z.object({
      status: z.enum(eventStatuses),
      tries: z.int(),
      next_attempt_at: z.string().nullable(),
      delivered_at: z.string().nullable(),
      attempts: z.array(attempt).meta({ description: 'The last ten, oldest first' }),
    }),
  })
  .meta({ id: 'PlatformEvent' });
