import { expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { assign } from '#shared/numbers/number.ts';
import { bufferTarget } from '#shared/pool/buffer.ts';
import { poolReply } from '#shared/pool/fields.ts';
import { showPool } from '#shared/pool/show-pool.ts';
import { act, bought, dj, holder, phone, purchasing, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';

const numbers = numberRepository(await openTable());
const show = (cursor?: string) => showPool({ numbers }, cursor);

test('an empty pool is zeros, and wants a number', async () => {
  expect(poolReply.parse(await show())).toMatchObject({
    total: 0,
    available: 0,
    assigned: 0,
    buffer: { available: 0, target: 1, below_target: true },
    numbers: { available: [], assigned: [] },
    next_cursor: null,
  });
});

test('a large pool is counted whole and listed page by page, each number once', async () => {
  const place = async (n: number, areaCode: string) => {
    const number = bought(purchasing(phone(n % 100, areaCode)), addSeconds(start, n));
    await numbers.save(undefined, number, act);
    return number;
  };
  await Promise.all(Array.from({ length: 103 }, (_, n) => place(n, n < 100 ? '901' : '615')));
  for (let n = 0; n < 3; n++) {
    const number = await place(n, '212');
    await numbers.claimDj(dj(`pool-${n}`), `c${n}`, start, addSeconds(start, 60));
    await numbers.save(
      number,
      assign(number, holder(dj(`pool-${n}`), { displayName: n === 0 ? null : `DJ ${n}` }), start),
      act,
      `c${n}`,
    );
  }
  await numbers.save(undefined, purchasing(phone(1, '305')), act);

  const first = await show();
  expect(first).toMatchObject({
    total: 106,
    available: 103,
    assigned: 3,
    states: { available: 103, assigned: 3, purchasing: 1, cooling: 0, released: 0 },
    buffer: { available: 103, target: 16, below_target: false },
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
])('of %i numbers %i should be free', (total, target) => expect(bufferTarget(total)).toBe(target));
