import { expect, test } from 'vitest';
import type { CallId, EventEntity, EventId } from '#shared/id.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { afterAttempt, claimed, type StoredEvent, withoutCaller } from '#shared/platform-events/event.ts';
import { forgetCallerInEvents } from '#shared/platform-events/forget-caller.ts';
import { openTable } from '#test/shared/open-table.ts';
import { after, anEvent, draftOf, recordedAt, recordedEvent } from './stored-event.ts';

const call = {
  id: 'call_1',
  caller_number: '+16155550123',
  caller_name: 'ANNA',
  voicemail_transcription: 'It is Anna',
  notes: 'It is Anna',
  outcome: 'voicemail',
};
const events = eventRepository(await openTable());
const deps = { events, now: () => after(500) };

async function recorded(entity: EventEntity, fact = 'call.completed'): Promise<StoredEvent> {
  const event = await recordedEvent(events, draftOf(entity, fact, { data: { call } }), recordedAt);
  if (event === undefined) throw new Error('not recorded');
  return event;
}

test('number, name and words go; what was told, and how it was delivered, stays', async () => {
  const attempt = { at: after(1).toISOString(), status: 204, error: null, milliseconds: 5 };
  const delivered = afterAttempt(await recorded('call_told' as EventEntity), attempt, after(1));
  await events.save(delivered, after(1));
  await recorded('call_told' as EventEntity, 'call.missed');
  await forgetCallerInEvents(deps, 'call_told' as CallId);
  const unnamed = {
    id: 'call_1',
    caller_number: null,
    caller_name: null,
    voicemail_transcription: null,
    notes: null,
    outcome: 'voicemail',
  };
  expect(await events.ofEntity('call_told' as EventEntity)).toEqual([
    { ...delivered, revision: 3, data: { call: unnamed } },
    expect.objectContaining({ sequence: 2, status: 'pending', data: { call: unnamed } }),
  ]);
});

test('doing it again writes nothing', async () => {
  await recorded('call_again' as EventEntity);
  await forgetCallerInEvents(deps, 'call_again' as CallId);
  const once = await events.ofEntity('call_again' as EventEntity);
  await forgetCallerInEvents(deps, 'call_again' as CallId);
  expect(await events.ofEntity('call_again' as EventEntity)).toEqual(once);
});

test.each([
  ['a hidden number', { call: { caller_number: 'anonymous', notes: null } }],
  ['a hash', { call: { caller_number: `hash:${'0'.repeat(64)}` } }],
  ['a payment', { payment: { id: 'pay_1' } }],
])('%s names nobody', (_what, data) => {
  expect(withoutCaller(anEvent({ data }))).toBeUndefined();
});

test('an event that is taken up meanwhile loses its caller all the same', async () => {
  const event = await recorded('call_taken' as EventEntity);
  let reads = 0;
  const find = async (id: EventId) => {
    const found = await events.find(id);
    if (++reads === 1) await events.save(claimed(event, after(120)), after(120));
    return found;
  };
  await forgetCallerInEvents({ ...deps, events: { ...events, find } }, 'call_taken' as CallId);
  expect(await events.ofEntity('call_taken' as EventEntity)).toMatchObject([
    { revision: 3, claimed: true, data: { call: { caller_number: null } } },
  ]);
});

test('who delivered it as it was cannot bring the caller back', async () => {
  const event = await recorded('call_late' as EventEntity);
  await forgetCallerInEvents(deps, 'call_late' as CallId);
  const attempt = { at: after(1).toISOString(), status: 204, error: null, milliseconds: 5 };
  expect(await events.save(afterAttempt(event, attempt, after(1)), after(1))).toBe(false);
});

test('an event that others never stop changing is told of', async () => {
  await recorded('call_busy' as EventEntity);
  const busy = { ...events, save: async () => false };
  await expect(forgetCallerInEvents({ ...deps, events: busy }, 'call_busy' as CallId)).rejects.toThrow(
    'keep changing',
  );
});
