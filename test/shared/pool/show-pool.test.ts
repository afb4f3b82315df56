import { expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { completeRelease, startRelease } from '#shared/numbers/transitions.ts';
import { usage, usageWrite } from '#shared/numbers/usage.ts';
import { bufferTarget } from '#shared/pool/buffer.ts';
import { poolReply } from '#shared/pool/fields.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import { repointingRepository } from '#shared/pool/repointing.repository.ts';
import { showPool } from '#shared/pool/show-pool.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import {
  bought,
  cause,
  dj,
  holder,
  phone,
  purchasing,
  start,
  writeAssigned,
} from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';

process.env.CURSORS_SECRET_ID = (await fakeSecrets()).add({ cursorKey: 'key-of-the-tests' });

const table = await openTable();
const numbers = numberRepository(table);
const deps = {
  numbers,
  usage: usage(table),
  repointings: repointingRepository(table),
  policy: poolPolicy.parse({}),
  publicBaseUrl: 'https://calls.example.com',
  now: () => start,
};
const show = (cursor?: string) => showPool(deps, { limit: 100, cursor });

test('an empty pool is zeros, and wants a number', async () => {
  expect(poolReply.parse(await show())).toMatchObject({
    total: 0,
    available: 0,
    assigned: 0,
    buffer: { available: 0, target: 1, belowTarget: true },
    numbers: { available: [], assigned: [] },
    next_cursor: null,
  });
});

test('a large pool is counted whole and listed page by page, each number once', async () => {
  const place = async (n: number, areaCode: string) => {
    const number = bought(purchasing(phone(n % 100, areaCode)), addSeconds(start, n));
    await numbers.save(undefined, number, cause);
    return number;
  };
  await Promise.all(Array.from({ length: 103 }, (_, n) => place(n, n < 100 ? '901' : '615')));
  for (let n = 0; n < 3; n++) {
    const number = await place(n, '212');
    const owner = holder(dj(`pool-${n}`), { displayName: n === 0 ? null : `DJ ${n}` });
    await writeAssigned(numbers, number, owner);
  }
  await numbers.save(undefined, purchasing(phone(1, '305')), cause);

  const first = await show();
  expect(first).toMatchObject({
    total: 106,
    available: 103,
    assigned: 3,
    states: { available: 103, assigned: 3, purchasing: 1, cooling: 0, released: 0 },
    buffer: { available: 103, target: 16, belowTarget: false },
  });
  expect(first.numbers.available).toHaveLength(100);
  expect(first.numbers.assigned.map(({ assignedTo }) => assignedTo).sort()).toEqual([
    'DJ 1',
    'DJ 2',
    'dj-pool-0',
  ]);
  const second = await show(first.next_cursor ?? '');
  expect(second.numbers.available).toHaveLength(3);
  expect(second.numbers.assigned).toEqual([]);
  expect(second.next_cursor).toBeNull();
  expect(
    new Set([...first.numbers.available, ...second.numbers.available].map(({ phoneNumber }) => phoneNumber))
      .size,
  ).toBe(103);
});

test('each number is shown with its use and whether it may text', async () => {
  const shown = async () => (await show()).numbers.assigned.find(({ assignedTo }) => assignedTo === 'DJ 1');
  const number = await shown();
  expect(number).toMatchObject({ smsStatus: 'ready', calls: 0, lastCallAt: null, strayCalls: 0 });
  const use = { calls: 2, lastCallAt: start.toISOString() };
  await table.transact([usageWrite((number?.phoneNumber ?? '') as E164, use, start)]);
  expect(await shown()).toMatchObject({ calls: 2, lastCallAt: start.toISOString(), lastStrayAt: null });
});

test('numbers released in the last ten days are shown, the last one first, with the end of their reprieve', async () => {
  for (const [n, days] of [
    [1, -11],
    [2, -9],
    [3, -1],
  ] as const) {
    const at = addSeconds(start, days * 86_400);
    const free = bought(purchasing(phone(n, '808')), at);
    const released = completeRelease(startRelease(free, at), at);
    await numbers.save(undefined, released, cause);
  }
  const { releasedRecently } = (await show()).numbers;
  expect(releasedRecently.map(({ phoneNumber }) => phoneNumber)).toEqual([phone(3, '808'), phone(2, '808')]);
  expect(releasedRecently[0]).toMatchObject({
    releasedAt: addSeconds(start, -86_400).toISOString(),
    reclaimableUntil: addSeconds(start, 9 * 86_400).toISOString(),
  });
});

test('assignments of the last 30 days make the forecast', async () => {
  expect((await show()).buffer).toMatchObject({ assignmentsLast30Days: 3 });
  const later = { ...deps, now: () => addSeconds(start, 31 * 86_400) };
  expect((await showPool(later, { limit: 100 })).buffer).toMatchObject({
    assignmentsLast30Days: 0,
    daysLeft: null,
  });
});

test('how far the webhooks are pointed is told of the present base URL alone', async () => {
  const at = start.toISOString();
  const before = { since: at, updatedAt: at, reachedAt: at, finishedAt: at, status: 'done' as const };
  const counts = { total: 5, pointed: 4, elsewhere: 1, failed: ['PN1'], problem: 'a problem' };
  await deps.repointings.save({ ...before, ...counts, baseUrl: 'https://old.example.com' });
  const pending = {
    base_url: deps.publicBaseUrl,
    status: 'pending',
    total: null,
    pointed: null,
    failed: 0,
    since: null,
  };
  expect((await show()).webhooks).toMatchObject(pending);

  await deps.repointings.save({ ...before, ...counts, baseUrl: deps.publicBaseUrl });
  const told = { ...counts, failed: 1, status: 'done', since: at, finished_at: at };
  expect((await show()).webhooks).toMatchObject(told);
});

test('a cursor that was not given by the pool is refused', async () => {
  for (const cursor of [
    '',
    'x',
    'e30',
    Buffer.from('{"q":"x","p":{"available":null,"assigned":null}}').toString('base64url'),
  ])
    await expect(show(cursor)).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
});

test.each([
  [0, 1],
  [1, 1],
  [6, 1],
  [7, 2],
  [20, 3],
  [100, 15],
  [101, 16],
])('of %i numbers %i should be free', (total, target) => expect(bufferTarget(total, 0.15)).toBe(target));

test('numbers of one state alone are listed in pages of the size asked for', async () => {
  const page = (cursor?: string) => showPool(deps, { status: 'released', limit: 1, cursor });
  const first = await page();
  const rest = first.next_cursor === null ? [] : (await page(first.next_cursor)).numbers.others;
  const others = [...first.numbers.others, ...rest];
  expect(first.numbers.others).toHaveLength(1);
  expect(others.every(({ status }) => status === 'released')).toBe(true);
  expect(new Set(others.map(({ phoneNumber }) => phoneNumber)).size).toBe(others.length);
  expect(first.numbers).toMatchObject({ available: [], assigned: [], releasedRecently: [] });

  const free = await showPool(deps, { status: 'available', limit: 2 });
  expect(free.numbers.available).toHaveLength(2);
  expect(free.numbers).toMatchObject({ assigned: [], others: [] });
  await expect(showPool(deps, { limit: 2, cursor: String(free.next_cursor) })).rejects.toMatchObject({
    code: 'INVALID_CURSOR',
  });
});
