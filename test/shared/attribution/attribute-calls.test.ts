import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributable, attributeCalls } from '#shared/attribution/attribute-calls.ts';
import { clickRepository } from '#shared/attribution/click.repository.ts';
import type { Click } from '#shared/attribution/fields.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import { type ClickId, callIdOf, type OwnerId } from '#shared/id.ts';
import { messagesOf } from '#shared/outbox/relay.ts';
import type { Table } from '#shared/table/client.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { isDeep } from '#test/support/depth.ts';

let table: Table;
beforeEach(async () => {
  table = await openTable();
});
const start = new Date('2026-03-02T18:00:00.000Z');
const at = (seconds: number) => addSeconds(start, seconds);
const idOf = (n: number) => callIdOf(callRef(n).callSid);
const deps = (on: Table = table) => ({
  calls: callRepository(on),
  clicks: clickRepository(on),
  now: () => start,
});

async function click(
  id: ClickId,
  seconds: number,
  djProfileId = 'dj-ben',
  told: Partial<Click> = {},
): Promise<Click> {
  const made: Click = {
    id,
    djProfileId: djProfileId as OwnerId,
    at: at(seconds).toISOString(),
    pageUrl: `https://djdash.example.com/${id}`,
    ...told,
  };
  await clickRepository(table).keep(made);
  return made;
}
const call = (n: number, seconds: number, djProfileId = 'dj-ben') =>
  callFacts(table).incoming(callRef(n), at(seconds), { ...forwarded, djProfileId: djProfileId as OwnerId });
const ofCall = (n: number) => attributeCalls(deps(), { callId: idOf(n) });
const ofClick = ({ djProfileId, at: clickedAt }: Click) => attributeCalls(deps(), { djProfileId, clickedAt });
const attributionOf = async (n: number) => (await callRepository(table).find(idOf(n)))?.attribution;
const clickOf = async (n: number) => (await attributionOf(n))?.clickId;
const claims = async () =>
  (await table.query({ pk: 'CLICKS#dj-ben', newestFirst: true, limit: 50 })).items.map(
    ({ record, claimedBy }) => [(record as Click).id, claimedBy],
  );

/** Works on messages one by one, and on those that the relay sends because of what they changed. */
async function work(messages: Attributable[]): Promise<void> {
  const queue = [...messages];
  const relayed: Table = {
    ...table,
    async transact(writes) {
      const touched = writes.flatMap((write) => ('update' in write ? [write.update] : []));
      const before = await Promise.all(touched.map(table.get));
      await table.transact(writes);
      const after = await Promise.all(touched.map(table.get));
      for (const [index, item] of after.entries())
        for (const { queue: name, body } of messagesOf(before[index], item))
          if (name === 'attributions') queue.push(body);
    },
  };
  for (let worked = 0; queue.length > 0; worked++) {
    expect(worked).toBeLessThan(200);
    await attributeCalls(deps(relayed), queue.shift() as Attributable);
  }
}

describe('a call', () => {
  test('claims the nearest click of its DJ, once', async () => {
    await click('far' as ClickId, -600);
    await click('near' as ClickId, -20);
    await click('other' as ClickId, -5, 'dj-amy');
    await call(1, 0);
    await ofCall(1);
    await ofCall(1);
    expect(await clickOf(1)).toBe('near');
    expect(await claims()).toEqual([
      ['near', idOf(1)],
      ['far', undefined],
    ]);
  });

  test('without a click in its window keeps none', async () => {
    await click('old' as ClickId, -1801);
    await click('young' as ClickId, 121);
    await call(1, 0);
    await ofCall(1);
    expect(await clickOf(1)).toBeUndefined();
  });

  test('leaves a click to the call that has it, and takes the next', async () => {
    await click('first' as ClickId, -60);
    await click('second' as ClickId, -30);
    await call(1, 0);
    await call(2, 5);
    await ofCall(1);
    await ofCall(2);
    expect([await clickOf(1), await clickOf(2)]).toEqual(['second', 'first']);
  });

  test('on a number that nobody holds, or unheard of, claims nothing', async () => {
    await click('near' as ClickId, -20);
    await callFacts(table).incoming(callRef(1), start, {
      kind: 'misdirected',
      djProfileId: null,
      timeZone: 'UTC',
    });
    await ofCall(1);
    await ofCall(2);
    expect(await claims()).toEqual([['near', undefined]]);
  });
});

describe('a click whose message comes after the call', () => {
  test('is the call’s own, and the one before is let go', async () => {
    await click('before' as ClickId, -600);
    await call(1, 0);
    await ofCall(1);
    expect(await clickOf(1)).toBe('before');
    await ofClick(await click('late' as ClickId, 10));
    expect(await clickOf(1)).toBe('late');
    expect(await claims()).toEqual([
      ['late', idOf(1)],
      ['before', undefined],
    ]);
  });

  test('is kept as a candidate if it is farther away', async () => {
    await click('before' as ClickId, -10);
    await call(1, 0);
    await ofCall(1);
    await ofClick(await click('late' as ClickId, 100));
    const attribution = await attributionOf(1);
    expect(attribution?.candidates.map(({ id }) => id)).toEqual(['before', 'late']);
  });
});

describe('two calls a few seconds apart with two clicks', () => {
  const both = async (n: number) => {
    const { clickId, candidates = [] } = (await attributionOf(n)) ?? {};
    return [clickId, candidates.map(({ id, confidence }) => [id, confidence])];
  };

  test.each([
    ['first', 'second'],
    ['second', 'first'],
  ])('both weigh both clicks, whoever has them, with the %s call worked on first', async (first) => {
    await click('far' as ClickId, -60);
    await click('near' as ClickId, -30);
    await call(1, 0);
    await call(2, 5);
    const messages = [{ callId: idOf(1) }, { callId: idOf(2) }];
    await work(first === 'first' ? messages : messages.toReversed());
    expect(await both(1)).toEqual([
      'near',
      [
        ['near', 0.57],
        ['far', 0.43],
      ],
    ]);
    expect(await both(2)).toEqual([
      'far',
      [
        ['near', 0.57],
        ['far', 0.43],
      ],
    ]);
  });

  test('a click goes to the nearer call; as near, to the earlier one; at once, to the smaller id', async () => {
    await click('only' as ClickId, -30);
    await call(1, 0);
    await call(2, 0);
    await call(3, -60);
    const [smaller, bigger] = idOf(1) < idOf(2) ? [1, 2] : [2, 1];
    await ofCall(bigger);
    await work([{ callId: idOf(smaller) }]);
    expect([await clickOf(smaller), await clickOf(bigger)]).toEqual(['only', undefined]);
    await work([{ callId: idOf(3) }]);
    await work([{ callId: idOf(1) }, { callId: idOf(2) }]);
    expect([await clickOf(1), await clickOf(2), await clickOf(3)]).toEqual([undefined, undefined, 'only']);
    await call(4, -20);
    await work([{ callId: idOf(4) }]);
    expect([await clickOf(3), await clickOf(4)]).toEqual([undefined, 'only']);
    expect(await claims()).toEqual([['only', idOf(4)]]);
  });

  test('a click that a call lets go of becomes the other’s', async () => {
    await click('old' as ClickId, -100);
    await call(1, 0);
    await call(2, 5);
    await work([{ callId: idOf(1) }, { callId: idOf(2) }]);
    expect([await clickOf(1), await clickOf(2)]).toEqual(['old', undefined]);
    const { djProfileId, at: clickedAt } = await click('new' as ClickId, -1);
    await work([{ djProfileId, clickedAt }]);
    expect([await clickOf(1), await clickOf(2)]).toEqual(['new', 'old']);
  });
});

test('the end is the same for every order and repetition of calls, clicks and messages', async () => {
  const seconds = fc.integer({ min: -90, max: 90 });
  const scenes = fc.record({
    calls: fc.array(seconds, { minLength: 2, maxLength: 3 }),
    clicks: fc.array(seconds, { minLength: 1, maxLength: 3 }),
    order: fc.infiniteStream(fc.nat()),
  });
  await fc.assert(
    fc.asyncProperty(scenes, async ({ calls, clicks, order }) => {
      const arrivals: (() => Promise<Attributable>)[] = [
        ...calls.map((from, index) => async () => {
          await call(index + 1, from);
          return { callId: idOf(index + 1) };
        }),
        ...clicks.map((from, index) => async () => {
          const { djProfileId, at: clickedAt } = await click(`c${index}` as ClickId, from);
          return { djProfileId, clickedAt };
        }),
      ];
      const end = async () => [await claims(), await Promise.all(calls.map((_, n) => attributionOf(n + 1)))];

      table = await openTable();
      for (const arrive of arrivals) await work([await arrive()]);
      const inOrder = await end();

      table = await openTable();
      const place = (length: number) => (order.next().value ?? 0) % length;
      const left = [...arrivals];
      const known: Attributable[] = [];
      while (left.length > 0) {
        for (const arrive of left.splice(place(left.length), 1)) known.push(await arrive());
        const again = known.slice(place(known.length));
        await work(place(2) === 0 ? again : again.toReversed());
      }
      await work(known);
      expect(await end()).toEqual(inOrder);
    }),
    { numRuns: isDeep ? 20 : 6 },
  );
});

describe('anybody may tell of clicks:', () => {
  test('long ones make a call’s item little bigger', async () => {
    const long = (host: string) => `https://${host}.example.com/`.padEnd(2048, 'x');
    const utm = Object.fromEntries(
      ['source', 'medium', 'campaign', 'term', 'content'].map((key) => [key, 'x'.repeat(200)]),
    );
    for (let n = 0; n < 20; n++)
      await click(`c${n}` as ClickId, -n, 'dj-ben', { pageUrl: long('page'), referrer: long('from'), utm });
    await call(1, 0);
    await ofCall(1);
    const attribution = await attributionOf(1);
    expect(attribution).toMatchObject({
      clickId: 'c0',
      referrer: long('from'),
      utm,
      unlisted: 15,
      unread: false,
    });
    expect(attribution?.agreed.pageUrl).toBe(long('page'));
    expect(
      attribution?.candidates.map(({ pageUrl, ...rest }) => [pageUrl.length, Object.keys(rest)]),
    ).toEqual(Array.from({ length: 5 }, () => [512, ['id', 'at', 'eventType', 'confidence']]));
    expect(JSON.stringify(attribution).length).toBeLessThan(9000);
  });

  test.each([
    ['long before the call', -1500],
    ['after the call', 60],
  ])('a flood %s does not drive the real one away, and makes it known', async (_, seconds) => {
    await click('real' as ClickId, -20, 'dj-ben', { eventType: 'wedding' });
    for (let n = 0; n < 51; n++)
      await click(`flood${n}` as ClickId, seconds + n / 1000, 'dj-ben', { eventType: 'wedding' });
    await call(1, 0);
    await ofCall(1);
    const attribution = await attributionOf(1);
    expect(attribution).toMatchObject({
      clickId: 'real',
      unread: true,
      agreed: { pageUrl: null, eventType: null },
    });
    expect(attribution?.candidates.map(({ confidence }) => confidence)).toEqual([0, 0, 0, 0, 0]);
  });

  test('one is looked at for ten calls, the nearest', async () => {
    for (let n = 1; n <= 8; n++) await call(n, -n);
    for (let n = 11; n <= 18; n++) await call(n, n - 10);
    const found: string[] = [];
    const real = deps();
    const clicks: typeof real.clicks = {
      ...real.clicks,
      async around(djProfileId, startedAt, window) {
        found.push(startedAt);
        return real.clicks.around(djProfileId, startedAt, window);
      },
    };
    const { djProfileId, at: clickedAt } = await click('one' as ClickId, 0);
    await attributeCalls({ ...real, clicks }, { djProfileId, clickedAt });
    const nearest = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5].map((seconds) => at(seconds).toISOString());
    expect([...new Set(found)].toSorted()).toEqual(nearest);
  });
});

test('a slow worker does not write over what another knew better meanwhile', async () => {
  await click('near' as ClickId, -10);
  await call(1, 0);
  await ofCall(1);
  await click('far' as ClickId, -300);
  const slow = deps();
  let others = 0;
  const clicks: typeof slow.clicks = {
    ...slow.clicks,
    async around(...given) {
      const seen = await slow.clicks.around(...given);
      // While the slow one holds what it read, a click comes and another worker counts it in.
      if (others++ === 0) await ofClick(await click('later' as ClickId, -600));
      return seen;
    },
  };
  await attributeCalls({ ...slow, clicks }, { callId: idOf(1) });
  expect((await attributionOf(1))?.candidates.map(({ id }) => id)).toEqual(['near', 'far', 'later']);
});

test('in whatever order and at once, every click is claimed by one call at most and every call claims one', async () => {
  const clicks = await Promise.all([
    click('a' as ClickId, -100),
    click('b' as ClickId, -50),
    click('c' as ClickId, -10),
  ]);
  for (const n of [1, 2, 3]) await call(n, n);
  await Promise.allSettled([...clicks.map(ofClick), ofCall(1), ofCall(2), ofCall(3), ofCall(1), ofCall(3)]);
  for (const n of [1, 2, 3]) await ofCall(n);
  const own = [await clickOf(1), await clickOf(2), await clickOf(3)];
  expect(new Set(own)).toEqual(new Set(['a', 'b', 'c']));
  const claimed = new Map((await claims()) as [string, string][]);
  for (const [index, id] of own.entries()) expect(claimed.get(String(id))).toBe(idOf(index + 1));
});
