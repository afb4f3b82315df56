import type { CallId } from '#shared/id.ts';
import type { EventRepository } from './event.repository.ts';
import { withoutCaller } from './event.ts';

export interface ForgetCallerDeps {
  events: Pick<EventRepository, 'ofEntity' | 'find' | 'save'>;
  now(): Date;
}

const triesMax = 5;

/**
 * Takes the caller off the events of a call. Id, sequence and delivery stay, so that the platform's account of what it got
 * is right; what is still to be delivered goes without him.
 * @throws Error when others keep changing an event
 */
export async function forgetCallerInEvents(deps: ForgetCallerDeps, callId: CallId): Promise<void> {
  for (const { id } of await deps.events.ofEntity(callId)) {
    for (let tries = 1; ; tries++) {
      const event = await deps.events.find(id);
      const unnamed = event && withoutCaller(event);
      if (unnamed === undefined || (await deps.events.save(unnamed, deps.now()))) break;
      if (tries === triesMax) throw new Error(`others keep changing the event ${id}`);
    }
  }
}
