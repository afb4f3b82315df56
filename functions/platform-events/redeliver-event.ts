import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { log } from '#shared/log.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { eventReplyOf } from '#shared/platform-events/event.ts';
import { redeliverEvent } from '#shared/platform-events/redeliver-event.ts';
import { connectTable } from '#shared/table/client.ts';
import * as contracts from './routes.ts';

const table = connectTable();
const deps = { events: eventRepository(table), now };

export const handler = httpHandler(
  contracts.redeliverEvent,
  once(table, async ({ params, principal }) => {
    const event = await redeliverEvent(deps, params.id);
    log.info('an event is delivered again', { id: event.id, by: `${principal.role}:${principal.subject}` });
    return { event: eventReplyOf(event) };
  }),
);
