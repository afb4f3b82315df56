import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCall } from '#shared/calls/call.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { readRouting } from '#shared/calls/routing.ts';
import { settle } from '#shared/calls/settle.ts';
import { callIdOf, type E164 } from '#shared/id.ts';
import type { Item } from '#shared/table/client.ts';
import { keys, readOpenCallKey } from '#shared/table/keys.ts';
import { openTable } from '#test/shared/open-table.ts';
import { isDeep, sampleOf } from '#test/support/depth.ts';
import { type CallEvent, type CallStory, callRef, stories } from './call-events.ts';
import { forwarded } from './stored-call.ts';

const table = await openTable();
const facts = callFacts(table);
let calls = 0;

/** Writes the events to a call of its own and answers its item, times and ids taken out. */
async function play(events: CallEvent[]): Promise<{ item: Item; timeless: string }> {
  const call = callRef(++calls);
  const start = Date.parse('2026-03-02T18:00:00Z');
  for (const [index, event] of events.entries()) await event(facts, call, new Date(start + index * 1000));
  const item = (await table.get(keys.call(callIdOf(call.callSid)))) as Item;
  const hex = call.callSid.slice(2);
  const sorted = Object.entries(item)
    // The list it stands in follows from the id.
    .filter(([name]) => name !== 'gsi2pk')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const timeless = JSON.stringify(sorted)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(hex, 'ID');
  return { item, timeless };
}

async function eachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

describe.each(stories)('a call in the table: $name', ({ name, events, ends }: CallStory) => {
  test('all orders of its webhooks end in the same item', async () => {
    const { item, timeless } = await play(events);
    expect(settle(readCall(item))).toEqual(ends);
    await eachOf(sampleOf(permutations(events), 6, name), async (order) => {
      expect((await play(order)).timeless).toBe(timeless);
    });
  });

  test('all orders with repetitions end in the same item', async () => {
    const { timeless } = await play(events);
    const repeated = fc
      .array(fc.constantFrom(...events), { minLength: 1, maxLength: 3 })
      .chain((more) => fc.shuffledSubarray([...events, ...more], { minLength: events.length + more.length }));
    await eachOf(fc.sample(repeated, isDeep ? 6 : 3), async (order) => {
      expect((await play(order)).timeless).toBe(timeless);
    });
  });
});

test('webhooks at the same moment all arrive', async () => {
  const story = stories[2] as CallStory;
  for (let round = 0; round < 5; round++) {
    const call = callRef(++calls);
    await Promise.all(story.events.map((event) => event(facts, call, new Date())));
    const item = (await table.get(keys.call(callIdOf(call.callSid)))) as Item;
    expect(settle(readCall(item))).toEqual(story.ends);
  }
});

test('a repeated webhook keeps the time and the words of the first', async () => {
  const call = callRef(++calls);
  const first = new Date('2026-03-02T18:00:00Z');
  const later = new Date('2026-03-02T18:09:00Z');
  await facts.status(call, first, 'completed', 40);
  await facts.status(call, later, 'completed', 0);
  await facts.incoming(call, first, forwarded, { callerName: 'ANNA' });
  const again = await facts.incoming(
    call,
    later,
    { ...forwarded, realPhoneNumber: '+19015550199' as E164 },
    undefined,
  );
  const stored = readCall(again);
  expect(stored.statuses).toEqual({ completed: { at: first.toISOString(), durationSeconds: 40 } });
  expect(stored.routing).toEqual(forwarded);
  expect(stored.callerName).toBe('ANNA');
  expect(stored.seenAt).toBe(first.toISOString());
});

test('every webhook alone puts the call on the list of open calls, where its key tells the number', async () => {
  for (const event of (stories[2] as CallStory).events) {
    const { item } = await play([event]);
    expect(readOpenCallKey(String(item.gsi2sk))).toEqual({
      seenAt: item.seenAt,
      callId: item.id,
      virtualNumber: '+19015550100',
    });
  }
});

test('a routing is kept without what most calls have alike, and read with it', async () => {
  const table = await openTable();
  const plain = { ...forwarded, missedCallText: false, depositCents: null, depositDescription: null };
  const special = { ...plain, missedCallText: true, suspicious: true, depositCents: 5000 };
  for (const [n, routing] of [plain, special].entries()) {
    const item = await callFacts(table).incoming(callRef(n), new Date(), routing);
    expect(readRouting(item)).toEqual(routing);
    expect(readCall(item).routing).toEqual(routing);
  }
  const kept = await table.get(keys.call(callIdOf(callRef(0).callSid)));
  for (const name of ['missedCallText', 'suspicious', 'depositCents', 'depositDescription'])
    expect(kept?.routing).not.toHaveProperty(name);
});
