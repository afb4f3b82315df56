import { addSeconds } from '#shared/clock.ts';
import type { EventEntity, OwnerId } from '#shared/id.ts';
import type { EventRepository } from '#shared/platform-events/event.repository.ts';
import { type EventDraft, eventIdOf, newEvent, type StoredEvent } from '#shared/platform-events/event.ts';
import type { Webhook } from '#shared/platform-events/webhook.ts';

export const recordedAt = new Date('2026-03-02T18:00:00.000Z');

/** So many seconds after the events were recorded. */
export function after(seconds: number): Date {
  return new Date(recordedAt.getTime() + seconds * 1000);
}

export function draftOf(entity: EventEntity, fact: string, over: Partial<EventDraft> = {}): EventDraft {
  return {
    id: eventIdOf(entity, fact),
    type: 'call.completed',
    entity,
    at: recordedAt.toISOString(),
    djProfileId: 'dj-ben' as OwnerId,
    data: { call: { id: entity } },
    ...over,
  };
}

/** An event that is in the hands of a worker until two minutes later. */
export function anEvent(over: Partial<StoredEvent> = {}): StoredEvent {
  return { ...underWay(draftOf('call_1' as EventEntity, 'call.completed'), 1, recordedAt), ...over };
}

function underWay(draft: EventDraft, sequence: number, now: Date): StoredEvent {
  const nextAttemptAt = addSeconds(now, 120).toISOString();
  return { ...newEvent(draft, sequence), revision: 1, claimed: true, nextAttemptAt };
}

/** Records an event that is in the hands of a worker for two minutes; undefined when it is recorded already. */
export async function recordedEvent(
  events: Pick<EventRepository, 'number' | 'record'>,
  draft: EventDraft,
  now: Date,
): Promise<StoredEvent | undefined> {
  const sequence = await events.number(draft, now);
  if (sequence === undefined) return undefined;
  const event = underWay(draft, sequence, now);
  return (await events.record(event, now)) ? event : undefined;
}

/** A receiver that answers with the statuses given, then with 204; null is no answer. */
export function fakeWebhook(statuses: (number | null)[] = []): Webhook & { sent: StoredEvent[] } {
  const sent: StoredEvent[] = [];
  return {
    sent,
    isOn: true,
    wants: () => true,
    async send(event, now) {
      sent.push(event);
      const status = statuses.length > 0 ? (statuses.shift() ?? null) : 204;
      const error = status === null ? 'no answer within 5 s' : null;
      return { at: now.toISOString(), status, error, milliseconds: 5 };
    },
  };
}
