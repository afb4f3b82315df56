// This folder tells the platform by signed webhooks what happened to calls, payments and numbers.

import { createHash } from 'node:crypto';
import * as z from 'zod';
import { namedNumber } from '#shared/calls/call.ts';
import { addSeconds } from '#shared/clock.ts';
import type { EventEntity, EventId, OwnerId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';
import { eventTypes } from '#shared/platform-event-types.ts';
import { attempt, type eventReply, eventStatuses } from './fields.ts';

const instant = z.string();

/** One try to deliver an event. */
export type Attempt = z.output<typeof attempt>;

/** An event as the table keeps it: what happened, and how its delivery goes. */
export const storedEvent = z.object({
  id: keptId<EventId>(),
  revision: z.int(),
  type: z.enum(eventTypes),
  entity: keptId<EventEntity>(),
  sequence: z.int(),
  at: instant,
  djProfileId: keptId<OwnerId>().nullable(),
  data: z.record(z.string(), z.unknown()),
  status: z.enum(eventStatuses),
  /** Failed attempts in a row since it was recorded or an admin wanted it delivered again. */
  tries: z.int(),
  /** Somebody is delivering it; their claim ends at `nextAttemptAt`. */
  claimed: z.boolean(),
  /** When it is to be delivered next; null when it is not. */
  nextAttemptAt: instant.nullable(),
  deliveredAt: instant.nullable(),
  attempts: z.array(attempt),
});

export type StoredEvent = z.output<typeof storedEvent>;

/** What happened, before it has its place in the sequence of its entity. */
export type EventDraft = Pick<StoredEvent, 'id' | 'type' | 'entity' | 'at' | 'djProfileId' | 'data'>;

/** Longer than any function that delivers may run, so that an expired claim means that its worker is dead. */
const leaseSeconds = 120;
const attemptsKept = 10;
/** Pauses after the first, second, ... failed attempt; after the last one comes one more attempt. */
const backoffSeconds = [60, 300, 1800, 7200, 21_600, 43_200, 86_400];

/** Of a call and of a text in the API's words: whose it was, and what they said. */
const namingFields = {
  call: ['caller_number', 'caller_name', 'voicemail_transcription', 'notes'],
  text: ['caller_number', 'body'],
} as const;

/**
 * The id of a fact of an entity, the same whenever and however often it is told: `evt_`, 24 hexadecimal digits of the
 * entity and 16 of the fact.
 */
export function eventIdOf(entity: EventEntity, fact: string): EventId {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  return `evt_${digest(entity).slice(0, 24)}${digest(`${entity}\n${fact}`).slice(0, 16)}` as EventId;
}

/** A new event, before its first delivery is tried; it is recorded with what came of that. */
export function newEvent(draft: EventDraft, sequence: number): StoredEvent {
  return {
    ...draft,
    revision: 0,
    sequence,
    status: 'pending',
    tries: 0,
    claimed: false,
    nextAttemptAt: null,
    deliveredAt: null,
    attempts: [],
  };
}

/** The event in the hands of who delivers it now. */
export function claimed(event: StoredEvent, now: Date): StoredEvent {
  return {
    ...event,
    revision: event.revision + 1,
    claimed: true,
    nextAttemptAt: addSeconds(now, leaseSeconds).toISOString(),
  };
}

/** What an attempt makes of the event: delivered, due again after a longer pause each time, or given up. */
export function afterAttempt(event: StoredEvent, tried: Attempt, now: Date): StoredEvent {
  const isDelivered = tried.status !== null && tried.status >= 200 && tried.status < 300;
  const tries = isDelivered ? event.tries : event.tries + 1;
  const pauseSeconds = isDelivered ? undefined : backoffSeconds[tries - 1];
  return {
    ...event,
    revision: event.revision + 1,
    claimed: false,
    tries,
    status: isDelivered ? 'delivered' : pauseSeconds === undefined ? 'failed' : 'pending',
    nextAttemptAt: pauseSeconds === undefined ? null : addSeconds(now, pauseSeconds).toISOString(),
    deliveredAt: isDelivered ? now.toISOString() : event.deliveredAt,
    attempts: [...event.attempts, tried].slice(-attemptsKept),
  };
}

/** The event due at once, with all its attempts before it; undefined while somebody is delivering it. */
export function dueAgain(event: StoredEvent, now: Date): StoredEvent | undefined {
  const isUnderWay = event.claimed && event.nextAttemptAt !== null && event.nextAttemptAt > now.toISOString();
  if (isUnderWay) return undefined;
  return {
    ...event,
    revision: event.revision + 1,
    status: 'pending',
    tries: 0,
    claimed: false,
    nextAttemptAt: now.toISOString(),
  };
}

/** The event without what names the caller of its call or text; undefined when it names nobody. What came of its delivery stays. */
export function withoutCaller(event: StoredEvent): StoredEvent | undefined {
  const data = unnamed(event.data);
  return data && { ...event, revision: event.revision + 1, data };
}

/** What an event tells, without what names the caller of its call or text; undefined when it names nobody. */
export function unnamed(data: StoredEvent['data']): StoredEvent['data'] | undefined {
  const without = Object.entries(namingFields).flatMap(([subject, fields]) => {
    const told = data[subject] as Partial<Record<string, string | null>> | undefined;
    const named = fields.filter((name) =>
      name === 'caller_number' ? namedNumber(told?.[name]) !== undefined : told?.[name] != null,
    );
    if (named.length === 0) return [];
    return [[subject, { ...told, ...Object.fromEntries(named.map((name) => [name, null])) }]];
  });
  return without.length === 0 ? undefined : { ...data, ...Object.fromEntries(without) };
}

/** What the platform gets. */
export function payloadOf(event: StoredEvent) {
  return {
    id: event.id,
    type: event.type,
    created_at: event.at,
    sequence: event.sequence,
    entity: event.entity,
    dj_profile_id: event.djProfileId,
    data: event.data,
  };
}

/** An event in the API's words. */
export function eventReplyOf(event: StoredEvent): z.input<typeof eventReply> {
  return {
    ...payloadOf(event),
    delivery: {
      status: event.status,
      tries: event.tries,
      next_attempt_at: event.nextAttemptAt,
      delivered_at: event.deliveredAt,
      attempts: event.attempts,
    },
  };
}
