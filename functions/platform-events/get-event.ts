import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { eventReplyOf } from '#shared/platform-events/event.ts';
import { connectTable } from '#shared/table/client.ts';
import * as contracts from './routes.ts';

const events = eventRepository(connectTable());

export const handler = httpHandler(contracts.getEvent, async ({ params }) => {
  const event = await events.find(params.id);
  if (event === undefined) throw new Failure('NOT_FOUND', 'There is no such event; they are kept 30 days');
  return { event: eventReplyOf(event) };
});
