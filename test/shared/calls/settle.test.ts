import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCall } from '#shared/calls/call.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { isOver, settle } from '#shared/calls/settle.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { type CallEvent, callRef, stories } from './call-events.ts';
import { dial, leg, storedCall, voicemail } from './stored-call.ts';

/** The one method that facts are written with, over a single item in memory. */
function itemInMemory(): { table: Table; item: Item } {
  const item: Item = {};
  const given = (values: Item = {}) => Object.entries(values).filter(([, value]) => value !== undefined);
  const update: Table['update'] = async (_key, { set, setOnce }) => {
    for (const [name, value] of given(setOnce)) item[name] ??= value;
    Object.assign(item, Object.fromEntries(given(set)));
    return item;
  };
  return { table: { update } as Table, item };
}

async function play(events: CallEvent[]) {
  const { table, item } = itemInMemory();
  const facts = callFacts(table);
  for (const [index, event] of events.entries())
    await event(facts, callRef(1), new Date(Date.parse('2026-03-02T18:00:00Z') + index * 1000));
  return settle(readCall(item));
}

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

describe.each(stories)('a call: $name', ({ events, ends }) => {
  test('ends the same in all orders of its webhooks', async () => {
    for (const order of permutations(events)) expect(await play(order)).toEqual(ends);
  });

  test('ends the same when webhooks come twice or thrice, in any order', async () => {
    const repeated = fc
      .array(fc.constantFrom(...events), { maxLength: 8 })
      .chain((more) => fc.shuffledSubarray([...events, ...more], { minLength: events.length + more.length }));
    await fc.assert(
      fc.asyncProperty(repeated, async (order) => {
        expect(await play(order)).toEqual(ends);
      }),
    );
  });

  test('whatever webhooks are lost, what is left means the same in every order', async () => {
    const some = fc
      .subarray(events, { minLength: 1 })
      .chain((left) => fc.tuple(fc.constant(left), fc.shuffledSubarray(left, { minLength: left.length })));
    await fc.assert(
      fc.asyncProperty(some, async ([left, other]) => {
        expect(await play(other)).toEqual(await play(left));
      }),
    );
  });

  test('is never over and then open again', async () => {
    for (const order of permutations(events)) {
      let was = false;
      for (let count = 1; count <= order.length; count++) {
        const is = isOver(await play(order.slice(0, count)));
        expect(was && !is).toBe(false);
        was = is;
      }
    }
  });
});

test('the end of the caller leg alone does not end a call that was forwarded', () => {
  const settled = settle(storedCall({ status_completed: leg(101) }));
  expect(settled).toMatchObject({ status: 'in-progress', outcome: null });
});

test('a call that only rings is ringing', () => {
  expect(settle(storedCall())).toEqual({
    status: 'ringing',
    outcome: null,
    talkSeconds: 0,
    durationSeconds: 0,
  });
});

test('a connected dial beats a voicemail, a voicemail beats the other results of forwarding', () => {
  const facts = { 'dial_no-answer': dial(), voicemail: voicemail(9), status_completed: leg(60) };
  expect(settle(storedCall(facts)).outcome).toBe('voicemail');
  expect(settle(storedCall({ ...facts, dial_completed: dial(30) })).outcome).toBe('answered');
});

test('a call of which no more is heard is missed once the sweeper gives up, and what is known still counts', () => {
  const swept = { sweptAt: '2026-03-02T23:00:00.000Z' };
  expect(settle(storedCall(swept)).outcome).toBe('missed');
  expect(settle(storedCall({ ...swept, dial_completed: dial(30) })).outcome).toBe('answered');
  expect(settle(storedCall({ ...swept, voicemail: voicemail(3) })).outcome).toBe('voicemail');
  expect(settle(storedCall({ ...swept, 'status_no-answer': leg() })).outcome).toBe('abandoned');
});

test.each([
  [{ reported_callStatus: 'completed', reported_durationSeconds: 65 }, 'completed', 'answered', 65],
  [{ reported_durationSeconds: 65 }, 'completed', 'answered', 65],
  [{}, 'no-answer', 'missed', 0],
  [{ reported_durationSeconds: 0 }, 'no-answer', 'missed', 0],
  [{ reported_callStatus: 'busy', reported_durationSeconds: 20 }, 'busy', 'busy', 0],
  [{ reported_callStatus: 'voicemail', reported_durationSeconds: 20 }, 'voicemail', 'voicemail', 0],
  [{ reported_callStatus: 'failed' }, 'failed', 'failed', 0],
])('a call logged by hand with %j is %s', (reported, status, outcome, talkSeconds) => {
  const logged = storedCall({
    source: 'api',
    callSid: undefined,
    routing: undefined,
    incomingAt: undefined,
    ...reported,
  });
  expect(settle(logged)).toMatchObject({ status, outcome, talkSeconds });
});

test("what the platform reports never overrules Twilio's facts", () => {
  const reported = { reported_callStatus: 'completed', reported_durationSeconds: 600 };
  const missed = { 'dial_no-answer': dial(), status_completed: leg(24) };
  expect(settle(storedCall({ ...reported, ...missed }))).toEqual(settle(storedCall(missed)));
  expect(settle(storedCall(reported)).outcome).toBeNull();
});
