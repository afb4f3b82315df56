import { expect, test } from 'vitest';
import type { EventEntity, EventId } from '#shared/id.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { afterAttempt, claimed, eventIdOf } from '#shared/platform-events/event.ts';
import { keys } from '#shared/table/keys.ts';
import { openTable } from '#test/shared/open-table.ts';
import { after, anEvent, draftOf, recordedAt, recordedEvent } from './stored-event.ts';

const table = await openTable();
const events = eventRepository(table);

test('events of an entity are numbered from 1 without a gap, also when they are recorded at once and twice', async () => {
  const facts = Array.from({ length: 8 }, (_, n) => `fact ${n}`);
  const recorded = await Promise.all(
    [...facts, ...facts].map((fact) =>
      recordedEvent(events, draftOf('call_many' as EventEntity, fact), recordedAt),
    ),
  );
  expect(recorded.filter((event) => event !== undefined)).toHaveLength(8);
  const kept = await events.ofEntity('call_many' as EventEntity);
  expect(kept.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(kept.map(({ id }) => id))).toEqual(
    new Set(facts.map((fact) => eventIdOf('call_many' as EventEntity, fact))),
  );
});

test('a number that was given out is given to the same event again, and to no other', async () => {
  const [a, b] = ['a', 'b'].map((fact) => draftOf('call_died' as EventEntity, fact));
  if (a === undefined || b === undefined) throw new Error('no drafts');
  expect([await events.number(a, recordedAt), await events.number(b, recordedAt)]).toEqual([1, 2]);
  expect([await events.number(b, after(600)), await events.number(a, after(600))]).toEqual([2, 1]);
  expect(await recordedEvent(events, a, after(600))).toMatchObject({ sequence: 1 });
  expect([await events.number(a, after(600)), await events.number(b, after(600))]).toEqual([undefined, 2]);
});

test('who reads in sequence waits for an event whose number was given out, until nobody can record it any more', async () => {
  const entity = 'call_gap' as EventEntity;
  const read = async (seconds: number) =>
    (await events.inSequence(entity, after(seconds))).map(({ sequence }) => sequence);
  await recordedEvent(events, draftOf(entity, 'a'), recordedAt);
  await events.number(draftOf(entity, 'b'), recordedAt);
  await recordedEvent(events, draftOf(entity, 'c'), recordedAt);
  expect(await read(60)).toEqual([1]);
  expect(await read(15 * 86_400)).toEqual([1, 3]);
  await recordedEvent(events, draftOf(entity, 'b'), after(60));
  expect(await read(60)).toEqual([1, 2, 3]);
});

test('an entity of many events keeps only the numbers that are not used yet', async () => {
  const entity = 'num_busy' as EventEntity;
  await events.number(draftOf(entity, 'died'), recordedAt);
  for (let n = 0; n < 25; n++) await recordedEvent(events, draftOf(entity, `fact ${n}`), recordedAt);
  const item = await table.get(keys.eventSequence(draftOf(entity, '').id));
  expect(Object.keys(item?.underWay as object).length).toBeLessThanOrEqual(10);
  expect(await events.number(draftOf(entity, 'died'), recordedAt)).toBe(1);
  expect(await events.number(draftOf(entity, 'next'), recordedAt)).toBe(27);
});

test('what an event tells stands in no index, and is in the lists all the same', async () => {
  const event = await recordedEvent(events, draftOf('call_listed' as EventEntity, 'a'), recordedAt);
  const item = await table.get(keys.event(event?.id as EventId));
  expect(item).toMatchObject({ data: { call: { id: 'call_listed' } } });
  expect(item?.record).not.toHaveProperty('data');
  const mine = ({ entity }: { entity: EventEntity }) => entity === 'call_listed';
  expect((await events.page('pending', mine, 100)).events).toEqual([event]);
  expect((await events.due(after(120), 100)).filter(mine)).toEqual([event]);
});

test('an event of before, whose record has all that it tells, is read as it was', async () => {
  const event = anEvent({ entity: 'call_1' as EventEntity });
  await table.put({ ...keys.event(event.id), entity: 'event', record: event });
  expect(await events.find(event.id)).toEqual(event);
});

test('an event that is recorded again stays as it is', async () => {
  const first = await recordedEvent(events, draftOf('call_again' as EventEntity, 'a'), recordedAt);
  expect(first).toMatchObject({ sequence: 1, claimed: true });
  expect(
    await recordedEvent(events, draftOf('call_again' as EventEntity, 'a', { data: {} }), after(60)),
  ).toBeUndefined();
  expect(await events.find(first?.id as EventId)).toEqual(first);
  expect(await recordedEvent(events, draftOf('call_again' as EventEntity, 'b'), after(60))).toMatchObject({
    sequence: 2,
  });
});

test('the sequence goes on when the events before are gone', async () => {
  const { id } = draftOf('num_old' as EventEntity, 'a');
  await recordedEvent(events, draftOf('num_old' as EventEntity, 'a'), recordedAt);
  await table.transact([{ delete: keys.event(id) }]);
  expect(
    await recordedEvent(events, draftOf('num_old' as EventEntity, 'b'), after(40 * 86_400)),
  ).toMatchObject({
    sequence: 2,
  });
  expect((await events.ofEntity('num_old' as EventEntity)).map(({ sequence }) => sequence)).toEqual([2]);
});

test('events are kept 30 days, their sequence for good', async () => {
  const { id } = draftOf('call_kept' as EventEntity, 'a');
  await recordedEvent(events, draftOf('call_kept' as EventEntity, 'a'), after(100));
  expect(await table.get(keys.event(id))).toMatchObject({
    entity: 'event',
    expiresAt: recordedAt.getTime() / 1000 + 30 * 86_400,
  });
  expect(await table.get(keys.eventSequence(id))).toMatchObject({ of: 'call_kept', sequence: 1 });
  expect((await table.get(keys.eventSequence(id)))?.expiresAt).toBeUndefined();
});

test('of two who take an event up one has it', async () => {
  const event = await recordedEvent(events, draftOf('call_two' as EventEntity, 'a'), recordedAt);
  if (event === undefined) throw new Error('not recorded');
  const taken = await Promise.all([1, 2].map(() => events.save(claimed(event, after(120)), after(120))));
  expect(taken.filter(Boolean)).toHaveLength(1);
});

test('an event is due when its time has come, and no more when it is delivered or given up', async () => {
  const isDue = async (seconds: number) =>
    (await events.due(after(seconds), 1000)).some(({ entity }) => entity === 'call_due');
  const event = await recordedEvent(events, draftOf('call_due' as EventEntity, 'a'), recordedAt);
  if (event === undefined) throw new Error('not recorded');
  expect(await isDue(119)).toBe(false);
  expect(await isDue(120)).toBe(true);
  const attempt = (status: number) => ({
    at: after(130).toISOString(),
    status,
    error: null,
    milliseconds: 1,
  });
  const refused = afterAttempt(event, attempt(500), after(130));
  await events.save(refused, after(130));
  expect([await isDue(189), await isDue(190)]).toEqual([false, true]);
  const given = afterAttempt({ ...refused, tries: 7 }, attempt(500), after(200));
  await events.save(given, after(200));
  expect(await isDue(90 * 86_400)).toBe(false);
  expect((await events.page('failed', () => true, 10)).events).toMatchObject([{ entity: 'call_due' }]);
  await events.save(afterAttempt(given, attempt(204), after(300)), after(300));
  expect((await events.page('failed', () => true, 10)).events).toEqual([]);
});
