import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { countCalls } from '#shared/analytics/count-calls.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { readCall } from '#shared/calls/call.ts';
import { contributionOf } from '#shared/calls/contribution.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { callReports } from '#shared/calls/report.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import { type CallId, callIdOf, type OwnerId } from '#shared/id.ts';
import { usage } from '#shared/numbers/usage.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

let table: Table;
beforeEach(async () => {
  table = await openTable();
});
const start = new Date('2026-03-02T18:00:00.000Z');
const now = () => start;
const count = (callIds: CallId[]) => countCalls({ table, stats: statsRepository(table), now }, callIds);
const idOf = (n: number) => callIdOf(callRef(n).callSid);
const range = { from: '0000-00-00', to: '9999-99-99' };

async function incoming(n: number, djProfileId = 'dj-ben', at = start): Promise<void> {
  await callFacts(table).incoming(callRef(n), at, { ...forwarded, djProfileId: djProfileId as OwnerId });
}
async function answered(n: number, seconds: number): Promise<void> {
  await callFacts(table).dial(callRef(n), start, {
    status: 'completed',
    bridged: true,
    talkSeconds: seconds,
  });
}

/** Days with their counters, those that are zero left out: of the table, and added up anew from all calls. */
async function counted(dj: OwnerId): Promise<Record<string, Record<string, number>>> {
  const days = await statsRepository(table).days(dj, range);
  return Object.fromEntries(
    days
      .map(
        ({ day, counters }) =>
          [day, Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== 0))] as const,
      )
      .filter(([, counters]) => Object.keys(counters).length > 0),
  );
}
async function recount(dj: string, callsMax: number): Promise<Record<string, Record<string, number>>> {
  const days: Record<string, Record<string, number>> = {};
  for (let n = 1; n <= callsMax; n++) {
    const item = await table.get(keys.call(idOf(n)));
    const share = item && contributionOf(readCall(item));
    if (share === undefined || share.djProfileId !== dj) continue;
    const day = (days[share.day] ??= {});
    for (const [name, value] of Object.entries(share.counters)) day[name] = (day[name] ?? 0) + value;
  }
  return days;
}

test('a call is counted once, however often it is told of', async () => {
  await incoming(1);
  await answered(1, 95);
  await count([idOf(1), idOf(1)]);
  await count([idOf(1)]);
  expect(await counted('dj-ben' as OwnerId)).toEqual({
    '2026-03-02': { calls: 1, answered: 1, talkSeconds: 95, lead_hot: 1, event_unknown: 1 },
  });
});

test('a call that is not over is counted when it is', async () => {
  await incoming(1);
  await count([idOf(1)]);
  expect(await counted('dj-ben' as OwnerId)).toEqual({});
  await answered(1, 5);
  await count([idOf(1)]);
  expect(await counted('dj-ben' as OwnerId)).toMatchObject({ '2026-03-02': { calls: 1, lead_cold: 1 } });
});

test('a late fact moves what was counted, and leaves no trace of before', async () => {
  await incoming(1);
  await answered(1, 5);
  await count([idOf(1)]);
  await table.update(keys.call(idOf(1)), {
    add: { paidCents: 5000, cutCents: 750, paymentCount: 1 },
    set: { reported_eventType: 'wedding' },
  });
  await count([idOf(1)]);
  expect(await counted('dj-ben' as OwnerId)).toEqual({
    '2026-03-02': {
      calls: 1,
      answered: 1,
      talkSeconds: 5,
      booked: 1,
      payments: 1,
      grossCents: 5000,
      cutCents: 750,
      lead_hot: 1,
      event_wedding: 1,
    },
  });
});

test('calls of two DJs and days in one batch go to each', async () => {
  await incoming(1, 'dj-ben');
  await incoming(2, 'dj-max');
  await incoming(3, 'dj-max', new Date('2026-03-03T05:59:59.999Z'));
  await incoming(4, 'dj-max', new Date('2026-03-03T06:00:00.000Z'));
  for (const n of [1, 2, 3, 4]) await answered(n, 30);
  await count([1, 2, 3, 4].map(idOf));
  expect(await counted('dj-ben' as OwnerId)).toMatchObject({ '2026-03-02': { calls: 1 } });
  expect(await counted('dj-max' as OwnerId)).toMatchObject({
    '2026-03-02': { calls: 2 },
    '2026-03-03': { calls: 1 },
  });
});

test('a call that turns out to be of another day or DJ leaves the first', async () => {
  await incoming(1);
  await answered(1, 30);
  await count([idOf(1)]);
  await table.update(keys.call(idOf(1)), {
    set: { incomingAt: '2026-03-05T18:00:00.000Z', djProfileId: 'dj-max' },
  });
  await count([idOf(1)]);
  expect(await counted('dj-ben' as OwnerId)).toEqual({});
  expect(await counted('dj-max' as OwnerId)).toMatchObject({ '2026-03-05': { calls: 1 } });
});

test('two that count the same calls at the same moment count them once', async () => {
  for (let n = 1; n <= 5; n++) {
    await incoming(n);
    await answered(n, 10 * n);
  }
  await Promise.all([
    count([1, 2, 3].map(idOf)),
    count([2, 3, 4].map(idOf)),
    count([3, 4, 5].map(idOf)),
    count([5, 1].map(idOf)),
  ]);
  expect(await counted('dj-ben' as OwnerId)).toEqual(await recount('dj-ben', 5));
});

test('a batch of 20 calls of 20 DJs is one transaction', async () => {
  for (let n = 1; n <= 20; n++) {
    await incoming(n, `dj-${n}`);
    await answered(n, 20);
  }
  await count(Array.from({ length: 20 }, (_, index) => idOf(index + 1)));
  expect(await counted('dj-20' as OwnerId)).toMatchObject({ '2026-03-02': { calls: 1 } });
});

describe('with another that counts in between', () => {
  const conflicting = (times: number) => {
    let left = times;
    const stats = statsRepository(table);
    return {
      tries: () => times - left,
      deps: {
        table,
        now,
        stats: {
          count: async (...given: Parameters<typeof stats.count>) => {
            if (left > 0) {
              left--;
              throw new ConditionFailed(undefined, 0, undefined);
            }
            await stats.count(...given);
          },
        },
      },
    };
  };

  test('it reads again and tries again', async () => {
    await incoming(1);
    await answered(1, 30);
    const { deps } = conflicting(4);
    await countCalls(deps, [idOf(1)]);
    expect(await counted('dj-ben' as OwnerId)).toMatchObject({ '2026-03-02': { calls: 1 } });
  });

  test('it gives up after five tries, so that the queue brings the batch again', async () => {
    await incoming(1);
    await answered(1, 30);
    const { deps, tries } = conflicting(100);
    await expect(countCalls(deps, [idOf(1)])).rejects.toBeInstanceOf(ConditionFailed);
    expect(tries()).toBe(5);
  });
});

test('a call that does not exist is an error, and its neighbours are counted when asked for alone', async () => {
  await incoming(1);
  await answered(1, 30);
  await expect(count([idOf(1), idOf(99)])).rejects.toThrow(/does not exist/);
  await count([idOf(1)]);
  expect(await counted('dj-ben' as OwnerId)).toMatchObject({ '2026-03-02': { calls: 1 } });
});

test('a range of days answers those days, and calls of nobody are in none', async () => {
  for (const [n, day] of [
    [1, '01'],
    [2, '02'],
    [3, '03'],
  ] as const) {
    await incoming(n, 'dj-days', new Date(`2026-03-${day}T18:00:00Z`));
    await answered(n, 30);
  }
  await callFacts(table).incoming(
    callRef(4),
    start,
    { kind: 'misdirected', djProfileId: null, timeZone: 'UTC' },
    undefined,
  );
  await callFacts(table).status(callRef(4), start, 'completed', 5);
  await count([1, 2, 3, 4].map(idOf));
  const days = await statsRepository(table).days('dj-days' as OwnerId, {
    from: '2026-03-02',
    to: '2026-03-03',
  });
  expect(days.map(({ day }) => day)).toEqual(['2026-03-02', '2026-03-03']);
  expect(await statsRepository(table).days('dj-nobody' as OwnerId, range)).toEqual([]);
});

/** All DJs together are the sum of the DJs, by day and by month. */
async function expectSameTotals(djs: string[]): Promise<void> {
  const stats = statsRepository(table);
  const add = (all: Readonly<Record<string, number>>[]) => {
    const sums: Record<string, number> = {};
    for (const counters of all)
      for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
    return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));
  };
  const ofDjs = (await Promise.all(djs.map((dj) => stats.days(dj as OwnerId, range)))).flat();
  const months = [...new Set(ofDjs.map(({ day }) => day.slice(0, 7)))];
  const ofMonths = (await Promise.all(months.map((month) => stats.djsOfMonth(month)))).flat();
  const whole = add(ofDjs.map(({ counters }) => counters));
  expect(add((await stats.platformDays(range)).map(({ counters }) => counters))).toEqual(whole);
  expect(add(ofMonths.map(({ counters }) => counters))).toEqual(whole);
}

test('after any history of calls, payments, replays and batches the counters equal a recount', async () => {
  const act = fc.record({
    call: fc.integer({ min: 1, max: 4 }),
    what: fc.constantFrom(
      'incoming',
      'answered',
      'missed',
      'left',
      'paid',
      'refunded',
      'texted',
      'wedding',
      'count',
      'count',
      'count all',
    ),
    seconds: fc.integer({ min: 0, max: 120 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 16 }), async (history) => {
      table = await openTable();
      const facts = callFacts(table);
      const known = new Set<number>();
      for (const { call: n, what, seconds } of history) {
        const key = keys.call(idOf(n));
        const at = addSeconds(new Date('2026-03-03T05:59:00Z'), seconds);
        if (what === 'count' && known.has(n)) await count([idOf(n)]);
        else if (what === 'count all' && known.size > 0) await count([...known].map(idOf));
        else if (what === 'incoming') await incoming(n, n % 2 === 0 ? 'dj-even' : 'dj-odd', at);
        else if (what === 'answered')
          await facts.dial(callRef(n), at, { status: 'completed', bridged: true, talkSeconds: seconds });
        else if (what === 'missed')
          await facts.dial(callRef(n), at, { status: 'no-answer', bridged: false, talkSeconds: 0 });
        else if (what === 'left') await facts.status(callRef(n), at, 'completed', seconds);
        else if (!known.has(n)) continue;
        else if (what === 'paid')
          await table.update(key, { add: { paidCents: 1000 + seconds, cutCents: 150, paymentCount: 1 } });
        else if (what === 'refunded') await table.update(key, { add: { refundedCents: 500, cutCents: -75 } });
        else if (what === 'texted')
          await table.update(key, {
            set: {
              followUp: { status: 'sent', at: at.toISOString(), variant: seconds % 2 === 0 ? 'a' : 'b' },
            },
          });
        else if (what === 'wedding') await table.update(key, { set: { reported_eventType: 'wedding' } });
        if (!what.startsWith('count')) known.add(n);
      }
      const there: number[] = [];
      for (let n = 1; n <= 4; n++) if ((await table.get(keys.call(idOf(n)))) !== undefined) there.push(n);
      if (there.length > 0) await count(there.map(idOf));
      for (const dj of ['dj-even', 'dj-odd'])
        expect(await counted(dj as OwnerId)).toEqual(await recount(dj, 4));
      await expectSameTotals(['dj-even', 'dj-odd']);
    }),
    { numRuns: 10 },
  );
});

test('a number’s calls are counted once each, with the time of the last, however often it is told of them', async () => {
  for (const n of [1, 2, 3]) {
    await incoming(n, 'dj-ben', new Date(start.getTime() + n * 1000));
    await answered(n, 30);
  }
  await count([idOf(3), idOf(1)]);
  await count([idOf(1), idOf(2)]);
  await count([idOf(1), idOf(2), idOf(3)]);
  expect(await usage(table).of(callRef(1).virtualNumber)).toMatchObject({
    calls: 3,
    lastCallAt: new Date(start.getTime() + 3000),
  });
});

test('calls that all move to another DJ, day and month at once are counted, though it takes two transactions', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `call_${String(index).padStart(32, '0')}` as CallId);
  const report = (id: CallId, day: number, month: string) =>
    callReports(table).report(
      id,
      undefined,
      {
        djProfileId: `dj-${id}` as OwnerId,
        callStatus: 'completed',
        durationSeconds: 20,
        timestamp: `2026-${month}-${day}T18:00:00.000Z`,
      },
      start,
    );
  for (const [index, id] of ids.entries()) await report(id, 10 + index, '01');
  await count(ids);
  for (const [index, id] of ids.entries()) await report(id, 10 + index, '03');
  await count(ids);
  for (const [index, id] of ids.entries())
    expect(await counted(`dj-${id}` as OwnerId)).toMatchObject({ [`2026-03-${10 + index}`]: { calls: 1 } });
});
