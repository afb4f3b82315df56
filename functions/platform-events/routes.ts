import * as z from 'zod';
import { cursor, djProfileId, limit } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';
import { eventTypes } from '#shared/platform-event-types.ts';
import { eventId, eventReply, eventStatuses } from '#shared/platform-events/fields.ts';

export const listEvents = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/events',
    summary: 'List the events sent to the platform, newest first; or those of one entity, in sequence',
    auth: ['admin', 'service'],
    grants: ['platformEvents:read', 'cursors:key'],
    query: z
      .strictObject({
        status: z.enum(eventStatuses).optional(),
        type: z.enum(eventTypes).optional(),
        dj_profile_id: djProfileId.optional(),
        entity: freeText.min(1).max(128).optional().meta({ description: 'Id of a call, payment or number' }),
        after_sequence: z.coerce
          .number('must be a number')
          .int('must be a whole number')
          .min(0, 'must be at least 0')
          .optional()
          .meta({ description: 'With `entity`: only later events' }),
        limit,
        cursor: cursor.optional(),
      })
      .refine(
        (query) => query.after_sequence === undefined || query.entity !== undefined,
        'after_sequence goes with entity',
      )
      .refine(
        ({ entity, status, type, dj_profile_id: dj, cursor: place }) =>
          entity === undefined || [status, type, dj, place].every((filter) => filter === undefined),
        'entity goes with after_sequence and limit alone',
      ),
    status: 200,
    reply: z.object({ events: z.array(eventReply), next_cursor: z.string().nullable() }),
  });

export const getEvent = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/events/{id}',
    summary: 'One event for the platform, with the attempts to deliver it',
    auth: ['admin', 'service'],
    grants: ['platformEvents:read'],
    params: z.object({ id: eventId }),
    status: 200,
    reply: z.object({ event: eventReply }),
  });

export const redeliverEvent = () =>
  route({
    method: 'POST',
    path: '/api/djdash/admin/events/{id}/redeliver',
    summary: 'Deliver an event to the platform again, within a minute',
    auth: ['admin'],
    grants: ['platformEvents:read', 'platformEvents:write', 'idempotency:read', 'idempotency:write'],
    params: z.object({ id: eventId }),
    status: 202,
    reply: z.object({ event: eventReply }),
  });
