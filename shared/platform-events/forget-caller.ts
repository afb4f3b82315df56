import type { CallId, MessageSid } from '#shared/id.ts';
import type { EventRepository } from './event.repository.ts';
import { withoutCaller } from './event.ts';

export interface ForgetCallerDeps {
  events: Pick<EventRepository, 'ofEntity' | 'find' | 'save'>;
  now(): Date;
}

const triesMax = 5;

/**
 * Takes the caller off the events of a call, or of a text. Id, sequence and delivery stay, so that the platform's account of what it got
 * is right; what is still to be delivered goes without them.
 * @throws Error when others keep changing an event
 */
export async function forgetCallerInEvents(
  deps: ForgetCallerDeps,
  entity: CallId | MessageSid,
): Promise<void> {
  for (const { id } of await deps.events.ofEntity(entity)) {
    for (let tries = 1; ; tries++) {
      const event = await deps.events.find(id);
      const unnamed = event && withoutCaller(event);
      if (unnamed === undefined || (await deps.events.save(unnamed, deps.now()))) break;
      if (tries === triesMax) throw new Error(`others keep changing the event ${id}`);
    }
  }
}
