import { expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { inTurn } from '#shared/in-turn.ts';

const start = new Date('2026-03-02T18:00:00.000Z');
const never = () => new Promise<void>(() => {});
const items = Array.from({ length: 10 }, (_, index) => index);

test('every item is worked on once, a few at a time, and its result stands in its place', async () => {
  let [atOnce, most] = [0, 0];
  const turns = await inTurn({ now: () => start, pause: never }, items, async (item) => {
    most = Math.max(most, ++atOnce);
    await Promise.resolve();
    atOnce--;
    return item * 2;
  });
  expect(turns).toEqual(items.map((item) => ({ result: item * 2 })));
  expect(most).toBe(4);
});

test('nothing is begun when it would come too late', async () => {
  let seconds = 0;
  const turns = await inTurn({ now: () => addSeconds(start, seconds), pause: never }, items, async (item) => {
    seconds += 5;
    return item;
  });
  expect(turns.filter((turn) => turn === 'not-begun').length).toBeGreaterThan(0);
  expect(turns.filter((turn) => turn === 'hanging')).toEqual([]);
});

test('the answer does not wait for what hangs, and begins nothing after it', async () => {
  const begun: number[] = [];
  const turns = await inTurn({ now: () => start, pause: async () => {} }, items, (item) => {
    begun.push(item);
    return never();
  });
  expect(turns.slice(0, 4)).toEqual(['hanging', 'hanging', 'hanging', 'hanging']);
  expect(turns.slice(4).every((turn) => turn === 'not-begun')).toBe(true);
  expect(begun).toEqual([0, 1, 2, 3]);
});

test('what the work throws is thrown', async () => {
  const work = async () => {
    throw new TypeError('a bug');
  };
  await expect(inTurn({ now: () => start, pause: never }, items, work)).rejects.toThrow('a bug');
});
