import { expect, test } from 'vitest';
import type { Call } from '#shared/calls/call.ts';
import { callIdOf } from '#shared/id.ts';
import type { RetentionPlace } from '#shared/privacy/caller-data.repository.ts';
import { type ForgetDeps, forgetCallers } from '#shared/privacy/forget-callers.ts';
import { callSid, storedCall } from '#test/shared/calls/stored-call.ts';

/** So that the last day to forget is 2026-03-01. */
const now = new Date('2027-04-01T08:20:00.000Z');
const policy = { callerDays: 395 };

function days(counts: Record<string, number>, place?: RetentionPlace) {
  let sid = 0;
  const byDay = new Map<string, Call[]>(
    Object.entries(counts).map(([day, count]) => [
      day,
      Array.from({ length: count }, () => storedCall({ id: callIdOf(callSid(++sid)) })),
    ]),
  );
  const state = {
    place,
    forgotten: [] as string[],
    refused: [] as string[],
    readDays: [] as string[],
    failAt: Number.POSITIVE_INFINITY,
    /** How long one call takes. */
    secondsOfCall: 0,
    now: now.getTime(),
  };
  const deps: ForgetDeps = {
    calls: {
      async ofDay(day, _range, limit, after) {
        state.readDays.push(day);
        const all = byDay.get(day) ?? [];
        const from = Number(after?.from ?? 0);
        const next = from + limit < all.length ? { from: String(from + limit) } : undefined;
        return { calls: all.slice(from, from + limit), places: [], next };
      },
    },
    data: {
      retentionPlace: async () => state.place,
      async keepRetentionPlace(kept) {
        state.place = kept;
      },
    },
    policy,
    async forgetCalls(calls) {
      if (state.forgotten.length + calls.length > state.failAt) throw new Error('table down');
      state.now += calls.length * state.secondsOfCall * 1000;
      const done = calls.filter(({ id }) => !state.refused.includes(id));
      for (const call of done) call.forgottenAt = now.toISOString();
      state.forgotten.push(...done.map(({ id }) => id));
      return { forgotten: done.length, failed: calls.length - done.length };
    },
    now: () => new Date(state.now),
  };
  return { deps, state };
}

test('callers of days that are more than 13 months ago are forgotten, younger ones are not', async () => {
  const { deps, state } = days({ '2026-02-27': 2, '2026-02-28': 3, '2026-03-02': 4 }, { day: '2026-02-20' });
  expect(await forgetCallers(deps)).toEqual({ calls: 5, failed: 0, day: '2026-03-02', complete: true });
  expect(state).toMatchObject({ place: { day: '2026-03-02' } });
});

test('days on which it did not run are caught up with, days that are done are not read again', async () => {
  const { deps, state } = days({ '2025-12-24': 1, '2026-02-28': 1 }, { day: '2025-12-20' });
  expect(await forgetCallers(deps)).toMatchObject({ calls: 2 });
  state.readDays = [];
  expect(await forgetCallers(deps)).toEqual({ calls: 0, failed: 0, day: '2026-03-02', complete: true });
  expect(state.readDays).toEqual([]);
});

test('when callers are kept longer than before, days that were done are gone through once more', async () => {
  const { deps, state } = days({ '2026-03-02': 1 }, { day: '2026-08-01' });
  expect(await forgetCallers(deps)).toMatchObject({ calls: 0, day: '2026-03-02', complete: true });
  state.now += 86_400_000;
  expect(await forgetCallers(deps)).toMatchObject({ calls: 1, day: '2026-03-03', complete: true });
});

test('the first run begins a year before the last day', async () => {
  const { deps, state } = days({ '2025-03-01': 1, '2025-02-28': 1 });
  expect(await forgetCallers(deps)).toMatchObject({ calls: 1, complete: true });
  expect(state.readDays[0]).toBe('2025-03-01');
});

test('a run ends before the timeout and the next goes on in the middle of the page', async () => {
  const { deps, state } = days({ '2026-02-27': 300, '2026-02-28': 10 }, { day: '2026-02-27' });
  state.secondsOfCall = 2;
  expect(await forgetCallers(deps)).toEqual({ calls: 250, failed: 0, day: '2026-02-27', complete: false });
  expect(state.place).toEqual({ day: '2026-02-27', after: { from: '200' } });
  expect(await forgetCallers(deps)).toEqual({ calls: 60, failed: 0, day: '2026-03-02', complete: true });
});

test('a run is bounded by nothing but time', async () => {
  const { deps } = days({ '2026-02-27': 5200, '2026-02-28': 1000 }, { day: '2026-02-27' });
  expect(await forgetCallers(deps)).toEqual({ calls: 6200, failed: 0, day: '2026-03-02', complete: true });
});

test('a call that fails every day keeps the run from nothing behind it', async () => {
  const { deps, state } = days({ '2026-02-27': 6000, '2026-02-28': 400 }, { day: '2026-02-27' });
  state.refused = [callIdOf(callSid(1))];
  state.secondsOfCall = 0.1;
  const runs = [await forgetCallers(deps), await forgetCallers(deps)];
  expect(runs.map(({ calls }) => calls)).toEqual([4999, 1400]);
  expect(state.place).toEqual({ day: '2026-02-27' });
});

test('a run that breaks off is gone on with where it broke off, and nothing is forgotten twice', async () => {
  const { deps, state } = days({ '2026-02-27': 250 }, { day: '2026-02-27' });
  state.failAt = 150;
  await expect(forgetCallers(deps)).rejects.toThrow('table down');
  expect(state.place).toEqual({ day: '2026-02-27', after: { from: '100' } });
  state.failAt = Number.POSITIVE_INFINITY;
  expect(await forgetCallers(deps)).toMatchObject({ calls: 100, complete: true });
  expect(new Set(state.forgotten).size).toBe(250);
  state.place = { day: '2026-02-27' };
  expect(await forgetCallers(deps)).toMatchObject({ calls: 0, complete: true });
});

test('a call that fails keeps none of the others, and the next run begins with its page again', async () => {
  const { deps, state } = days({ '2026-02-27': 150, '2026-02-28': 3 }, { day: '2026-02-27' });
  state.refused = [callIdOf(callSid(120))];
  const after = { from: '100' };
  expect(await forgetCallers(deps)).toEqual({ calls: 152, failed: 1, day: '2026-02-27', complete: false });
  expect(state.place).toEqual({ day: '2026-02-27', after });
  state.refused = [];
  expect(await forgetCallers(deps)).toEqual({ calls: 1, failed: 0, day: '2026-03-02', complete: true });
});
