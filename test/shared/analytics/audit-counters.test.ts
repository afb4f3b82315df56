import { beforeEach, describe, expect, test } from 'vitest';
import { auditCounters } from '#shared/analytics/audit-counters.ts';
import { countCalls } from '#shared/analytics/count-calls.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { callReports } from '#shared/calls/report.repository.ts';
import { addSeconds } from '#shared/clock.ts';
import { type CallId, callIdOf, type DjProfileId, type OwnerId } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { openTable } from '#test/shared/open-table.ts';

let table: Table;
beforeEach(async () => {
  table = await openTable();
});
const start = new Date('2026-03-02T18:00:00.000Z');
const later = addSeconds(start, 2 * 86_400);
const range = { from: '0000-00-00', to: '9999-99-99' };

const count = (callIds: CallId[]) =>
  countCalls({ table, stats: statsRepository(table), now: () => later }, callIds);
const audit = () =>
  auditCounters({
    calls: callRepository(table),
    stats: statsRepository(table),
    countCalls: count,
    now: () => later,
    random: Math.random,
  });

/** Answered calls of two DJs, all counted. */
async function calls(): Promise<void> {
  for (let n = 1; n <= 25; n++) {
    const djProfileId = n % 2 === 0 ? 'dj-ben' : 'dj-amy';
    const at = addSeconds(start, n);
    await count([
      (await placedCall(table, n, { at, routing: { djProfileId: djProfileId as OwnerId }, talkSeconds: 95 }))
        .id,
    ]);
  }
}
async function everything() {
  const stats = statsRepository(table);
  const counters = async (dj: OwnerId) => (await stats.days(dj, range)).map((day) => [day.day, day.counters]);
  return {
    ben: await counters('dj-ben' as OwnerId),
    amy: await counters('dj-amy' as OwnerId),
    platform: (await stats.platformDays(range)).map((day) => [day.day, day.counters]),
    month: (await stats.djsOfMonth('2026-03')).map(({ djProfileId, counters: of }) => [djProfileId, of]),
  };
}

test('right counters are left as they are', async () => {
  await calls();
  const before = await everything();
  expect(await audit()).toEqual({ recounted: 2, repaired: 0 });
  expect(await everything()).toEqual(before);
  expect(before.platform).toEqual([
    ['2026-03-02', { calls: 25, answered: 25, talkSeconds: 2375, lead_hot: 25, event_unknown: 25 }],
  ]);
});

test('wrong counters are put right, and then right', async () => {
  await calls();
  const before = await everything();
  const day = '2026-03-02';
  // As somebody would who changed the table by hand: the same everywhere.
  for (const key of [
    keys.statsDay('dj-ben' as OwnerId, day),
    keys.djMonth('2026-03', 'dj-ben' as DjProfileId),
    keys.platformDay(0, day),
  ])
    await table.update(key, { add: { n_calls: -3, n_answered: 2, n_booked: 1 } });
  expect(await audit()).toEqual({ recounted: 2, repaired: 1 });
  const after = await everything();
  const withoutZeros = (days: unknown) =>
    JSON.parse(JSON.stringify(days).replaceAll(/,?"booked":0/g, '')) as unknown;
  expect(withoutZeros(after)).toEqual(before);
  expect(await audit()).toEqual({ recounted: 2, repaired: 0 });
});

test('calls that were never counted, their messages being lost, are counted', async () => {
  await calls();
  await callFacts(table).dial(callRef(4), start, { status: 'completed', bridged: true, talkSeconds: 95 });
  await table.update(keys.call(callIdOf(callRef(4).callSid)), {
    set: { paidCents: 5000, cutCents: 750, paymentCount: 1 },
  });
  expect(await audit()).toEqual({ recounted: 2, repaired: 0 });
  const [day] = await statsRepository(table).days('dj-ben' as OwnerId, range);
  expect(day?.counters).toMatchObject({ payments: 1, grossCents: 5000, cutCents: 750 });
});

describe('while somebody counts a payment of the day', () => {
  const id = callIdOf(callRef(2).callSid);
  const paid = async () => {
    await table.update(keys.call(id), { add: { paidCents: 5000, cutCents: 750, paymentCount: 1 } });
    await count([id]);
  };
  /** An audit in which the payment comes right before this step. */
  const auditWith = (step: 'days' | 'countedOf' | 'repair') => {
    const stats = statsRepository(table);
    let isPaid = false;
    const racing = {
      ...stats,
      [step]: async (...given: never[]) => {
        if (!isPaid) await paid();
        isPaid = true;
        return (stats[step] as (...all: never[]) => Promise<unknown>)(...given);
      },
    };
    return auditCounters({
      calls: callRepository(table),
      stats: racing,
      countCalls: count,
      now: () => later,
      random: () => 0,
    });
  };

  test.each(['days', 'countedOf'] as const)(
    'before it reads its %s, nothing right is made wrong',
    async (step) => {
      await calls();
      expect((await auditWith(step)).repaired).toBe(0);
      const [day] = await statsRepository(table).days('dj-ben' as OwnerId, range);
      expect(day?.counters).toMatchObject({ calls: 12, payments: 1, grossCents: 5000, cutCents: 750 });
    },
  );

  test('before it repairs a wrong day, the repair is left to the next audit', async () => {
    await calls();
    await table.update(keys.statsDay('dj-ben' as OwnerId, '2026-03-02'), { add: { n_calls: 5 } });
    expect((await auditWith('repair')).repaired).toBe(0);
    expect((await statsRepository(table).days('dj-ben' as OwnerId, range))[0]?.counters.calls).toBe(17);
    expect((await audit()).repaired).toBe(1);
    const [day] = await statsRepository(table).days('dj-ben' as OwnerId, range);
    expect(day?.counters).toMatchObject({ calls: 12, payments: 1, grossCents: 5000 });
  });
});

test('a call whose time was told later, and otherwise, is found where it is counted', async () => {
  const report = (timestamp: string | undefined) =>
    callReports(table).report(
      callIdOf(callRef(9).callSid),
      callRef(9).callSid,
      {
        djProfileId: 'dj-ben' as OwnerId,
        callStatus: 'completed',
        durationSeconds: 60,
        ...(timestamp !== undefined && { timestamp }),
      },
      addSeconds(start, 5 * 86_400),
    );
  await report(undefined);
  await count([callIdOf(callRef(9).callSid)]);
  await report(start.toISOString());
  await count([callIdOf(callRef(9).callSid)]);
  expect(await audit()).toEqual({ recounted: 1, repaired: 0 });
  const days = await statsRepository(table).days('dj-ben' as OwnerId, range);
  expect(days.filter(({ counters }) => counters.calls === 1).map(({ day }) => day)).toEqual(['2026-03-02']);
});
