import { expect, test } from 'vitest';
import type { EventEntity } from '#shared/id.ts';
import {
  type Attempt,
  afterAttempt,
  claimed,
  dueAgain,
  eventIdOf,
  newEvent,
  payloadOf,
  type StoredEvent,
} from '#shared/platform-events/event.ts';
import { after, anEvent, draftOf, recordedAt } from './stored-event.ts';

const tried = (status: number | null, at = recordedAt): Attempt => ({
  at: at.toISOString(),
  status,
  error: null,
  milliseconds: 5,
});

test('the id of a fact is always the same, and that of another fact or entity is another', () => {
  const id = eventIdOf('call_1' as EventEntity, 'call.completed');
  expect(id).toMatch(/^evt_[0-9a-f]{40}$/);
  expect(eventIdOf('call_1' as EventEntity, 'call.completed')).toBe(id);
  const others = [
    eventIdOf('call_1' as EventEntity, 'call.missed'),
    eventIdOf('call_2' as EventEntity, 'call.completed'),
  ];
  expect(new Set([id, ...others]).size).toBe(3);
  expect(others[0]?.slice(0, 28)).toBe(id.slice(0, 28));
  expect(others[1]?.slice(0, 28)).not.toBe(id.slice(0, 28));
});

test('a new event is nobody’s, and due to nobody, until its first delivery was tried', () => {
  const event = newEvent(draftOf('call_1' as EventEntity, 'x'), 3);
  expect(event).toMatchObject({ sequence: 3, status: 'pending', claimed: false, nextAttemptAt: null });
  expect(afterAttempt(event, tried(204), recordedAt)).toMatchObject({ revision: 1, status: 'delivered' });
  expect(afterAttempt(event, tried(500), recordedAt)).toMatchObject({
    revision: 1,
    status: 'pending',
    nextAttemptAt: after(60).toISOString(),
  });
});

test('the pauses grow from a minute to a day, then the event is given up', () => {
  let event: StoredEvent = anEvent();
  const pauses: (number | null)[] = [];
  for (let tries = 1; tries <= 8; tries++) {
    event = afterAttempt(claimed(event, recordedAt), tried(500), recordedAt);
    pauses.push(
      event.nextAttemptAt === null ? null : (Date.parse(event.nextAttemptAt) - recordedAt.getTime()) / 60_000,
    );
    expect(event.status).toBe(tries === 8 ? 'failed' : 'pending');
  }
  expect(pauses).toEqual([1, 5, 30, 120, 360, 720, 1440, null]);
});

test.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [299, 'delivered'],
  [302, 'pending'],
  [404, 'pending'],
  [410, 'pending'],
  [500, 'pending'],
  [null, 'pending'],
])('an answer of %s leaves it %s', (status, expected) => {
  const event = afterAttempt(anEvent(), tried(status), recordedAt);
  expect([event.status, event.claimed]).toEqual([expected, false]);
  expect(event.deliveredAt).toBe(expected === 'delivered' ? recordedAt.toISOString() : null);
  expect(event.nextAttemptAt === null).toBe(expected === 'delivered');
});

test('the last ten attempts are kept', () => {
  let event = anEvent();
  for (let n = 0; n < 12; n++) event = afterAttempt({ ...event, tries: 0 }, tried(500, after(n)), after(n));
  expect(event.attempts.map(({ at }) => at)).toEqual(
    Array.from({ length: 10 }, (_, n) => after(n + 2).toISOString()),
  );
});

test('every change has the next revision', () => {
  const event = anEvent();
  expect(claimed(event, recordedAt).revision).toBe(2);
  expect(afterAttempt(event, tried(500), recordedAt).revision).toBe(2);
  expect(dueAgain({ ...event, claimed: false }, recordedAt)?.revision).toBe(2);
});

test('an event is due again whatever became of it, unless somebody is delivering it', () => {
  const failed = { status: 'failed', claimed: false, nextAttemptAt: null, tries: 8 } as const;
  const delivered = { status: 'delivered', claimed: false, nextAttemptAt: null } as const;
  for (const state of [failed, delivered])
    expect(dueAgain(anEvent(state), after(5))).toMatchObject({
      status: 'pending',
      tries: 0,
      nextAttemptAt: after(5).toISOString(),
    });
  expect(dueAgain(anEvent(), after(119))).toBeUndefined();
  expect(dueAgain(anEvent(), after(120))).toBeDefined();
});

test('the platform gets what happened, and nothing of how it is delivered', () => {
  expect(payloadOf(anEvent())).toEqual({
    id: eventIdOf('call_1' as EventEntity, 'call.completed'),
    type: 'call.completed',
    created_at: recordedAt.toISOString(),
    sequence: 1,
    entity: 'call_1',
    dj_profile_id: 'dj-ben',
    data: { call: { id: 'call_1' } },
  });
});
