import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import type { Table } from '#shared/table/client.ts';
import { start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { draws } from './draws.ts';
import { expectNoDoubles, expectSound, faultsOf, type Pool, poolOf, stock } from './pool.ts';

const djs = ['ben', 'max'];

/** What can be asked of a pool at any time; `sid` is one of the numbers that it had at first. */
const acts = {
  'assign ben': (pool: Pool) => pool.assign('ben'),
  'assign max': (pool: Pool) => pool.assign('max'),
  'move ben': (pool: Pool) => pool.assign('ben', '615'),
  'deactivate ben': (pool: Pool) => pool.deactivate('ben'),
  'reactivate ben': (pool: Pool) => pool.reactivate('ben'),
  'buy one': (pool: Pool) => pool.buy(1),
  'release one': (pool: Pool, sid: PhoneNumberSid) => pool.release(sid),
  'buy it back': (pool: Pool, sid: PhoneNumberSid) => pool.reclaim(sid),
  'end rests': (pool: Pool) => pool.endRests(),
  import: (pool: Pool) => pool.import(),
  audit: (pool: Pool) => pool.audit(),
};
type Act = keyof typeof acts;

/**
 * Lets several use cases run side by side, one step outside at a time, in the order that the scheduler draws: the same
 * draw gives the same run, so that a seed replays it.
 */
async function sideBySide(
  scheduler: fc.Scheduler,
  table: Table,
  carrier: FakeCarrier,
  works: ((table: Table, carrier: FakeCarrier) => Promise<unknown>)[],
): Promise<PromiseSettledResult<unknown>[]> {
  const steps = { underWay: 0, alive: works.length };
  const behind = <T extends object>(real: T, who: number): T =>
    new Proxy(real, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]) => {
          await scheduler.schedule(Promise.resolve(), `${who} ${String(name)}`);
          steps.underWay++;
          try {
            return await (member as (...all: unknown[]) => Promise<unknown>).apply(target, parameters);
          } finally {
            steps.underWay--;
          }
        };
      },
    });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const running = works.map(async (work, who) => {
    try {
      return await work(behind(table, who), behind(carrier, who));
    } finally {
      steps.alive--;
    }
  });
  const all = Promise.allSettled(running);
  while (steps.alive > 0) {
    do await turn();
    while (steps.underWay > 0);
    if (scheduler.count() > 0) await scheduler.waitOne();
  }
  return all;
}

interface Run {
  /** Numbers that are free at first. */
  free: number;
  /** Whether Twilio loses one of them behind our back: the only drift that an audit may find. */
  lost?: boolean;
  /** What was done before, one after the other. */
  before: Act[];
  /** What is done at once. */
  together: Act[];
}

async function run({ free, lost, before, together }: Run, scheduler: fc.Scheduler): Promise<void> {
  const table = await openTable();
  const carrier = fakeCarrier(stock);
  carrier.inService = new Set();
  let seconds = 0;
  const now = () => addSeconds(start, seconds);
  const whole = poolOf(table, carrier, now);
  if (free > 0) await whole.buy(free);
  const sid = [...carrier.owned.values()][0]?.sid ?? (`PN${'0'.repeat(32)}` as PhoneNumberSid);
  for (const act of before) {
    await refusable(() => acts[act](whole, sid));
    seconds += 200;
  }
  const vanished = lost ? [...carrier.owned.keys()].at(-1) : undefined;
  if (vanished !== undefined) carrier.owned.delete(vanished);
  const outcomes = await sideBySide(
    scheduler,
    table,
    carrier,
    together.map((act) => (mine, twilio) => acts[act](poolOf(mine, twilio, now), sid)),
  );
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && !isRefusal(outcome.reason)) throw outcome.reason;
    if (outcome.status !== 'fulfilled' || !isAudit(outcome.value)) continue;
    // All else that changes meanwhile is in order: another drift would be two moments held against each other.
    const found = faultsOf(outcome.value).map(({ kind, phone_number: number }) => `${kind} ${number}`);
    expect(found, 'drifts of the audit at once').toEqual(vanished ? [`missing ${vanished}`] : []);
  }
  if (vanished !== undefined) return;
  await expectNoDoubles(whole, djs, 'at once');
  seconds += 400;
  await whole.audit();
  seconds += 400;
  expect(faultsOf(await whole.audit())).toEqual([]);
  await expectSound(whole, carrier, djs, 'after two audits');
}

function isAudit(result: unknown): result is Awaited<ReturnType<Pool['audit']>> {
  return typeof result === 'object' && result !== null && 'drifts' in result;
}

/** A request may be refused; it must not break. */
function isRefusal(error: unknown): boolean {
  return error instanceof Failure && error.code !== 'INTERNAL';
}

async function refusable(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

const timeout = 60_000 * draws(1).numRuns;

describe.each<[string, Run]>([
  ['two DJs want the last number', { free: 1, before: [], together: ['assign ben', 'assign max'] }],
  ['one DJ asks twice', { free: 2, before: [], together: ['assign ben', 'assign ben'] }],
  ['a number is assigned and released', { free: 1, before: [], together: ['assign ben', 'release one'] }],
  ['an audit looks on while numbers are bought', { free: 0, before: [], together: ['buy one', 'audit'] }],
  [
    'a DJ takes his number back while its rest ends',
    { free: 1, before: ['assign ben', 'deactivate ben'], together: ['reactivate ben', 'end rests'] },
  ],
  [
    'a DJ moves on while he takes his number back',
    {
      free: 1,
      before: ['assign ben', 'deactivate ben'],
      together: ['move ben', 'reactivate ben', 'audit'],
    },
  ],
  [
    'a number is bought back twice while an audit and an import look on',
    { free: 1, before: ['release one'], together: ['buy it back', 'buy it back', 'import', 'audit'] },
  ],
  [
    'an audit looks on while numbers change hands',
    { free: 2, before: ['assign ben'], together: ['audit', 'deactivate ben', 'assign max', 'buy one'] },
  ],
  [
    'an audit looks on while numbers change hands, and Twilio has lost one that stays',
    { free: 3, lost: true, before: ['assign ben'], together: ['audit', 'deactivate ben', 'buy one'] },
  ],
  [
    'an audit looks on while a number is released and bought back',
    { free: 1, before: [], together: ['audit', 'release one', 'buy it back', 'assign ben'] },
  ],
])('when %s', (_what, scene) => {
  test('in whatever order the steps come, it ends well', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), (scheduler) => run(scene, scheduler)),
      draws(5),
    );
  });
});

test('whatever is asked at once of whatever pool, it ends well', { timeout }, async () => {
  const some = (maxLength: number, minLength = 0) =>
    fc.array(fc.constantFrom(...(Object.keys(acts) as Act[])), { minLength, maxLength });
  const scene = fc.record({ free: fc.nat(2), before: some(4), together: some(4, 2) });
  await fc.assert(
    fc.asyncProperty(scene, fc.scheduler(), (drawn, scheduler) => run(drawn, scheduler)),
    draws(16),
  );
});
