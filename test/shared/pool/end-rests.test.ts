import { beforeEach, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import type { HeldNumber } from '#shared/numbers/number.ts';
import { reactivate } from '#shared/numbers/transitions.ts';
import { usage, usageWrite } from '#shared/numbers/usage.ts';
import { endRests } from '#shared/pool/end-rests.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import type { Table } from '#shared/table/client.ts';
import { cause, dj, holder, phone, rested, start, writeHeld } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';

const day = 86_400;
let table: Table;
let numbers: NumberRepository;
let now: Date;

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  now = start;
});

const run = (over = numbers) =>
  endRests({ numbers: over, usage: usage(table), policy: poolPolicy.parse({}), now: () => now });

/** A number that its DJ has just given up. */
async function cooling(): Promise<HeldNumber> {
  const held = await writeHeld(numbers, phone(7), holder(dj('ben')));
  const rests = rested(held);
  await numbers.save(held, rests, cause);
  return rests;
}

const stateOf = async () => (await numbers.find(phone(7)))?.status;

test('frees what is due and nothing else', async () => {
  await cooling();
  now = addSeconds(start, 30 * day - 1);
  expect(await run()).toBe(0);
  now = addSeconds(start, 30 * day);
  expect(await run()).toBe(1);
  expect(await stateOf()).toBe('available');
  expect(await numbers.holdingOf(dj('ben'))).toBeUndefined();
  expect(await run()).toBe(0);
});

test('lets a number rest on that is still called', async () => {
  await cooling();
  const lastCallAt = addSeconds(start, 29 * day).toISOString();
  await table.transact([usageWrite(phone(7), { calls: 1, lastCallAt }, start)]);
  now = addSeconds(start, 31 * day);
  expect(await run()).toBe(1);
  expect(await numbers.find(phone(7))).toMatchObject({
    status: 'cooling',
    stateAt: addSeconds(start, 43 * day).toISOString(),
  });
  expect(await run()).toBe(0);
});

test('passes over a number that its DJ takes back at the same moment', async () => {
  const resting = await cooling();
  now = addSeconds(start, 31 * day);
  const raced = {
    ...numbers,
    save: async (...given: Parameters<NumberRepository['save']>) => {
      await numbers.save(resting, reactivate(resting, now), cause);
      return numbers.save(...given);
    },
  };
  expect(await run(raced)).toBe(0);
  expect(await stateOf()).toBe('assigned');
});
