import { isForgotten as isForgottenCall } from '#shared/calls/call.ts';
import type { CallId, MessageSid } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { callEventTypes } from '#shared/platform-event-types.ts';
import type { MessageOf } from '#shared/queue-name.ts';
import { type DeliverDeps, deliverEvent } from './deliver-event.ts';
import type { EventRepository } from './event.repository.ts';
import { eventIdOf, newEvent } from './event.ts';
import { forgetCallerInEvents } from './forget-caller.ts';
import { type SubjectDeps, subjectOf } from './subject.ts';

export interface RecordDeps extends DeliverDeps, SubjectDeps {
  events: Pick<EventRepository, 'number' | 'record' | 'find' | 'ofEntity' | 'save'>;
}

type Message = MessageOf<'events'>;

/**
 * Tells the platform what a message says, as it stands now, and records it once, with what came of its delivery. What the
 * stage does not tell is not recorded. Who dies before it is recorded leaves the message, which comes again: it is delivered
 * once more then, under the same id and number. Later attempts are the timer's.
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
  const draft = { id: eventIdOf(entity, fact), type, entity, at, ...subject };
  const sequence = await deps.events.number(draft, deps.now());
  if (sequence !== undefined) await deliverEvent(deps, newEvent(draft, sequence), deps.events.record);
  // Who forgets a caller says so before they look for events: either they have seen this one, or it shows here.
  if (await isForgotten(deps, message)) await forgetCallerInEvents(deps, entity as CallId | MessageSid);
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
