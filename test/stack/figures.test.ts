import { expect, test } from 'vitest';
import type { TraceCall } from '#infra/local/stack.ts';
import { callReports } from '#shared/calls/report.repository.ts';
import { newId } from '#shared/id.ts';
import { isDeep } from '#test/support/depth.ts';
import { type CallView, testWorld } from './world.ts';

const world = await testWorld();
const { admin: token } = world;

// As many as it takes that one of them is not stretched by a busy machine.
const rounds = 4;

/** Calls to AWS by invocation; secrets are read once in five minutes and kept. */
function invocations(functionId: string): TraceCall[][] {
  const calls = world.stack.trace.calls(functionId).filter(({ service }) => service !== 'secretsmanager');
  return Object.values(Object.groupBy(calls, ({ invocationId }) => invocationId)).map((group) => group ?? []);
}

/**
 * How many calls come one after another: those under way at the same time count once. The least of all invocations,
 * since calls that depend on each other never overlap, while independent ones may happen not to.
 */
function roundTrips(functionId: string): number {
  const counts = invocations(functionId).map((calls) => {
    let [trips, end] = [0, 0];
    for (const { startedAt, endedAt } of calls.toSorted((a, b) => a.startedAt - b.startedAt)) {
      if (startedAt >= end) trips += 1;
      end = Math.max(end, endedAt);
    }
    return trips;
  });
  expect(counts.length, `${functionId} was measured`).toBeGreaterThanOrEqual(rounds);
  return Math.min(...counts);
}

test('endpoints make as many sequential round trips to AWS as they need, and no more', async () => {
  await world.buy(12, '901');
  world.stack.trace.reset();
  for (let round = 0; round < rounds; round += 1) {
    const dj = `dj-trips-${round}`;
    const to = await world.assign(dj);
    const { callSid } = await world.call({ from: '+12065550101', to, talkSeconds: 5 });
    const { id } = await world.read(callSid);
    await world.tipjar('POST /_sim/payments', { json: { call_id: id, amount_cents: 5000 } });
    await world.stack.idle();
    for (const request of [
      `GET /api/djdash/virtual-numbers?dj_profile_id=${dj}`,
      `GET /api/djdash/public/virtual-numbers/${dj}`,
      `GET /api/djdash/calls/${id}`,
      `GET /api/djdash/calls?dj_profile_id=${dj}`,
      `GET /api/djdash/calls/analytics?dj_profile_id=${dj}`,
      `GET /api/djdash/calls/analytics?dj_profile_id=${dj}&start_date=2026-01-01`,
    ]) {
      expect((await world.api(request, { token })).status, request).toBe(200);
    }
  }

  const measured = [
    'calls.answerCall',
    'calls.completeDial',
    'calls.recordCallStatus',
    'tipjar.receivePayment',
    'numbers.getNumber',
    'numbers.showNumber',
    'calls.getCall',
    'calls.listCalls',
    'analytics.getAnalytics',
    'numbers.assignNumber',
  ];
  expect(Object.fromEntries(measured.map((id) => [id, roundTrips(id)]))).toEqual({
    'calls.answerCall': 2,
    'calls.completeDial': 1,
    'calls.recordCallStatus': 1,
    'tipjar.receivePayment': 2,
    'numbers.getNumber': 1,
    'numbers.showNumber': 1,
    'calls.getCall': 1,
    // The index, then the calls themselves.
    'calls.listCalls': 2,
    'analytics.getAnalytics': 1,
    'numbers.assignNumber': 3,
  });
});

test('picking a number reads at most ten, whatever the size of the pool', async () => {
  await world.buy(20, '901');
  world.stack.trace.reset();
  await world.assign('dj-picks');

  const queries = invocations('numbers.assignNumber')
    .flat()
    .filter(({ action }) => action === 'dynamodb:Query');
  expect(queries.map(({ itemsRead }) => itemsRead)).toEqual([10]);
});

const manyCalls = isDeep ? 300 : 60;

test('analytics read as many items at many calls as at 10: one a day', async () => {
  const reports = callReports(world.table);
  const write = async (from: number, to: number) => {
    for (let first = from; first < to; first += 30) {
      const chunk = Array.from({ length: Math.min(30, to - first) }, (_, index) => first + index);
      await Promise.all(
        chunk.map((index) => {
          const timestamp = `2026-11-0${1 + (index % 3)}T18:00:00.000Z`;
          const call = {
            djProfileId: 'dj-busy',
            callerNumber: '+12065550102',
            durationSeconds: 30,
            timestamp,
          };
          return reports.report(newId('call'), undefined, call, new Date());
        }),
      );
    }
    await world.stack.idle(60_000);
  };
  const read = async () => {
    world.stack.trace.reset();
    const { totalCalls, series } = await world.analytics('dj-busy');
    const [made = []] = invocations('analytics.getAnalytics');
    return { totalCalls, days: series.length, itemsRead: made.map(({ itemsRead }) => itemsRead) };
  };

  await write(0, 10);
  const few = await read();
  await write(10, manyCalls);
  const many = await read();

  expect(few).toEqual({ totalCalls: 10, days: 3, itemsRead: [3] });
  expect(many).toEqual({ totalCalls: manyCalls, days: 3, itemsRead: [3] });

  // A page of the list reads its own calls, not all.
  world.stack.trace.reset();
  const { body } = await world.api<{ calls: CallView[] }>(
    'GET /api/djdash/calls?dj_profile_id=dj-busy&limit=10',
    { token },
  );
  expect(body.calls).toHaveLength(10);
  const [made = []] = invocations('calls.listCalls');
  expect(made.map(({ itemsRead }) => itemsRead)).toEqual([10, 10]);
}, 60_000);
