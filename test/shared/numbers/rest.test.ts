import { describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { lastCall, restOn, restUntil } from '#shared/numbers/rest.ts';
import type { NumberUsage } from '#shared/numbers/usage.ts';
import { start } from './stored-number.ts';

const day = 86_400;
const policy = { coolingDays: 30, quietDays: 14 };
const at = (seconds: number) => addSeconds(start, seconds);
const used = (more: Partial<NumberUsage> = {}): NumberUsage => ({
  calls: 0,
  lastCallAt: null,
  strayCalls: 0,
  lastStrayAt: null,
  ...more,
});

describe('a number that its DJ gives up', () => {
  test.each([
    ['was never called in the hour that he had it', used(), 3600, 0],
    ['was called only before he had it', used({ calls: 9, lastCallAt: at(-day) }), 3600, 0],
    ['was never called in exactly a day', used(), day, 30],
    ['was called once in the hour that he had it', used({ calls: 1, lastCallAt: at(60) }), 3600, 30],
    ['got a stray call since', used({ strayCalls: 1, lastStrayAt: at(60) }), 3600, 30],
    ['was called in the very second in which he got it', used({ calls: 1, lastCallAt: start }), 60, 30],
  ])('and %s', (_what, usage, heldSeconds, restDays) => {
    const now = at(heldSeconds);
    expect(restUntil(start, usage, policy, now)).toEqual(addSeconds(now, restDays * day));
  });
});

describe('a rest that would be over', () => {
  test.each([
    ['of a number that nobody ever called is over', used(), undefined],
    ['goes on to 14 days after the last stray call', used({ lastStrayAt: at(-day) }), at(13 * day)],
    ['goes on to 14 days after the last call to its DJ', used({ lastCallAt: at(-2 * day) }), at(12 * day)],
    ['is over when the last call was 14 days ago', used({ lastStrayAt: at(-14 * day) }), undefined],
  ])('%s', (_what, usage, until) => {
    expect(restOn(usage, policy, start)).toEqual(until);
  });
});

test('the last call is the later of both kinds', () => {
  expect(lastCall(used())).toBeNull();
  expect(lastCall(used({ lastCallAt: at(1) }))).toEqual(at(1));
  expect(lastCall(used({ lastStrayAt: at(2) }))).toEqual(at(2));
  expect(lastCall(used({ lastCallAt: at(1), lastStrayAt: at(2) }))).toEqual(at(2));
  expect(lastCall(used({ lastCallAt: at(3), lastStrayAt: at(2) }))).toEqual(at(3));
});
