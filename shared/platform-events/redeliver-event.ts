import { Failure } from '#shared/failure.ts';
import type { EventId } from '#shared/id.ts';
import type { EventRepository } from './event.repository.ts';
import { dueAgain, type StoredEvent } from './event.ts';

export interface RedeliverDeps {
  events: Pick<EventRepository, 'find' | 'save'>;
  now(): Date;
}

/**
 * Makes an event due at once, whatever became of it, with all its attempts before it; the timer delivers it within a minute.
 * @throws Failure NOT_FOUND, IN_PROGRESS while it is being delivered
 */
export async function redeliverEvent(deps: RedeliverDeps, id: EventId): Promise<StoredEvent> {
  const event = await deps.events.find(id);
  if (event === undefined) throw new Failure('NOT_FOUND', 'There is no such event; they are kept 30 days');
  const due = dueAgain(event, deps.now());
  if (due === undefined || !(await deps.events.save(due, deps.now())))
    throw new Failure('IN_PROGRESS', 'The event is being delivered at this moment');
  return due;
}
