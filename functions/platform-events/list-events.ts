import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import type { EventEntity } from '#shared/id.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { eventReplyOf } from '#shared/platform-events/event.ts';
import { listEvents } from '#shared/platform-events/list-events.ts';
import { connectTable } from '#shared/table/client.ts';
import * as contracts from './routes.ts';

const events = eventRepository(connectTable());

export const handler = httpHandler(contracts.listEvents, async ({ query }) => {
  const { entity, after_sequence: after = 0, limit } = query;
  if (entity !== undefined) {
    const known = await events.inSequence(entity as EventEntity, now());
    const later = known.filter(({ sequence }) => sequence > after);
    return { events: later.slice(0, limit).map(eventReplyOf), next_cursor: null };
  }
  const filters = { status: query.status, type: query.type, djProfileId: query.dj_profile_id };
  const found = await listEvents({ events }, filters, limit, query.cursor);
  return { events: found.events.map(eventReplyOf), next_cursor: found.nextCursor };
});
