import { beforeEach, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { usage, usageWrite } from '#shared/numbers/usage.ts';
import { ConditionFailed, type Table } from '#shared/table/client.ts';
import { openTable } from '#test/shared/open-table.ts';
import { phone, start } from './stored-number.ts';

let table: Table;
beforeEach(async () => {
  table = await openTable();
});

test('a number that was never called has no use', async () => {
  expect(await usage(table).of(phone(1))).toEqual({
    calls: 0,
    lastCallAt: null,
    strayCalls: 0,
    lastStrayAt: null,
  });
});

test('calls and strays are counted apart, each with its last time', async () => {
  await usage(table).noteStray(phone(1), addSeconds(start, 1));
  await usage(table).noteStray(phone(1), addSeconds(start, 2));
  const lastCallAt = addSeconds(start, 3).toISOString();
  await table.transact([usageWrite(phone(1), { calls: 1, lastCallAt }, start)]);
  await table.transact([usageWrite(phone(1), { calls: 2 }, start)]);
  expect(await usage(table).of(phone(1))).toEqual({
    calls: 3,
    lastCallAt: addSeconds(start, 3),
    strayCalls: 2,
    lastStrayAt: addSeconds(start, 2),
  });
});

test('an earlier call that is told later is refused: it must not turn the time back', async () => {
  const called = (seconds: number) => {
    const lastCallAt = addSeconds(start, seconds).toISOString();
    return table.transact([usageWrite(phone(1), { calls: 1, lastCallAt }, start)]);
  };
  await called(5);
  await expect(called(3)).rejects.toThrow(ConditionFailed);
  await called(9);
  expect(await usage(table).of(phone(1))).toMatchObject({ calls: 2, lastCallAt: addSeconds(start, 9) });
});

test('many are read in the order in which they are asked for', async () => {
  await usage(table).noteStray(phone(2), start);
  const [one, two] = await usage(table).ofMany([phone(1), phone(2)]);
  expect([one?.strayCalls, two?.strayCalls]).toEqual([0, 1]);
  expect(await usage(table).ofMany([])).toEqual([]);
});
