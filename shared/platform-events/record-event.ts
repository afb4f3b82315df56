import { isForgotten as isForgottenCall } from '#shared/calls/call.ts';
import type { CallId, MessageSid } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { callEventTypes } from '#shared/platform-event-types.ts';
import type { MessageOf } from '#shared/queue-name.ts';
import { type DeliverDeps, deliverEvent } from './deliver-event.ts';
import type { EventRepository } from './event.repository.ts';
import { eventIdOf } from './event.ts';
import { forgetCallerInEvents } from './forget-caller.ts';
import { type SubjectDeps, subjectOf } from './subject.ts';

export interface RecordDeps extends DeliverDeps, SubjectDeps {
  events: Pick<EventRepository, 'record' | 'find' | 'ofEntity' | 'save'>;
}

type Message = MessageOf<'events'>;

/**
 * Records what the platform is to be told, once, as it stands now, and tries to deliver it. What the stage does not tell
 * is not recorded. An event that somebody recorded before is left to him, or to the timer when he died.
 */
export async function recordEvent(deps: RecordDeps, message: Message): Promise<void> {
  if (!deps.webhook.wants(message.type)) return;
  const subject = await subjectOf(deps, message);
  if (subject === undefined) {
    log.warn('what an event is about is gone, it is not told', {
      type: message.type,
      entity: message.entity,
    });
    return;
  }
  const { type, entity, fact, at } = message;
  const event = await deps.events.record(
    { id: eventIdOf(entity, fact), type, entity, at, ...subject },
    deps.now(),
  );
  // Who forgets a caller says so before he looks for events: either he has seen this one, or it shows here.
  const isOfForgotten = await isForgotten(deps, message);
  if (isOfForgotten) await forgetCallerInEvents(deps, entity as CallId | MessageSid);
  if (event === undefined) return;
  const toDeliver = isOfForgotten ? await deps.events.find(event.id) : event;
  if (toDeliver !== undefined) await deliverEvent(deps, toDeliver);
}

async function isForgotten({ calls, texts }: RecordDeps, message: Message): Promise<boolean> {
  if (message.type === 'text.received') {
    const text = await texts.find(message.phoneNumber, message.entity);
    return text === undefined || text.forgettingAt !== undefined;
  }
  if (!callEventTypes.some((type) => type === message.type)) return false;
  const call = await calls.find(message.entity as CallId);
  return call !== undefined && isForgottenCall(call);
}
