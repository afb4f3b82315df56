import { expect, test } from 'vitest';
import type { TraceCall } from '#infra/local/stack.ts';
import { callReports } from '#shared/calls/report.repository.ts';
import { type E164, newId, type OwnerId } from '#shared/id.ts';
import { isDeep } from '#test/support/depth.ts';
import { type CallView, testWorld } from './world.ts';

const world = await testWorld();
const { admin: token } = world;

/** Calls to AWS by invocation; secrets are read once in five minutes and kept. */
function invocations(functionId: string): TraceCall[][] {
  const calls = world.stack.trace.calls(functionId).filter(({ service }) => service !== 'secretsmanager');
  return Object.values(Object.groupBy(calls, ({ invocationId }) => invocationId)).map((group) => group ?? []);
}

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
            djProfileId: 'dj-busy' as OwnerId,
            callerNumber: '+12065550102' as E164,
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
    return {
      totalCalls,
      days: series.length,
      itemsRead: made.map(({ itemsRead = 0 }) => itemsRead).toSorted((a, b) => a - b),
    };
  };

  await write(0, 10);
  const few = await read();
  await write(10, manyCalls);
  const many = await read();

  // Whether the former ledger has been moved, money that belongs to no call, and the days; asked side by side.
  expect(few).toEqual({ totalCalls: 10, days: 3, itemsRead: [0, 0, 3] });
  expect(many).toEqual({ totalCalls: manyCalls, days: 3, itemsRead: [0, 0, 3] });

  // A page of the list reads its own calls, not all.
  world.stack.trace.reset();
  const { body } = await world.api<{ calls: CallView[] }>(
    'GET /api/djdash/calls?dj_profile_id=dj-busy&limit=10',
    { token },
  );
  expect(body.calls).toHaveLength(10);
  const [made = []] = invocations('calls.listCalls');
  // One more of the list tells whether another page follows.
  expect(made.map(({ itemsRead }) => itemsRead)).toEqual([11, 10]);
}, 60_000);
