import { beforeEach, describe, expect, test } from 'vitest';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { places, replenishPool } from '#shared/pool/replenish-pool.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { dj, holder, phone, start, writeHeld } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

let table: Awaited<ReturnType<typeof openTable>>;
let numbers: NumberRepository;
let carrier: FakeCarrier;

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  carrier = fakeCarrier(Array.from({ length: 60 }, (_, n) => phone(n + 20, n < 30 ? '901' : '615')));
});

const held = (n: number, areaCode: string) =>
  writeHeld(numbers, phone(n, areaCode), holder(dj(`${areaCode}-${n}`)));

const replenish = (monthlyBudgetUsd: number | undefined, cap = 100) =>
  replenishPool({
    numbers,
    carrier,
    purchases: purchaseCounter(table, cap),
    switches: switchRepository(table),
    orders: orderRepository(table),
    policy: {
      bufferShare: 0.15,
      autoReplenish: monthlyBudgetUsd === undefined ? undefined : { monthlyBudgetUsd },
    },
    now: () => start,
    pause: () => new Promise(() => {}),
  });

test('without a budget nothing is bought and nothing is asked', async () => {
  await held(1, '901');
  carrier.down.add('search');
  expect(await replenish(undefined)).toEqual({ missing: 0, affordable: 0, bought: 0 });
});

test('the buffer is filled where the DJs are, for two weeks at the rate of thirty days', async () => {
  for (let n = 0; n < 6; n++) await held(n, n < 4 ? '901' : '615');
  expect(await replenish(100)).toMatchObject({ missing: 3, bought: 3 });
  const { numbers: free } = await numbers.inState('available', { limit: 10 });
  expect(free.map(({ areaCode }) => areaCode).sort()).toEqual(['615', '901', '901']);
  expect(await replenish(100)).toMatchObject({ missing: 0, bought: 0 });
});

test('all numbers together never cost more than the budget', async () => {
  for (let n = 0; n < 6; n++) await held(n, '901');
  expect(await replenish(6 * 1.15 + 1.14)).toEqual({ missing: 3, affordable: 0, bought: 0 });
  expect(await replenish(7 * 1.15)).toEqual({ missing: 3, affordable: 1, bought: 1 });
  expect(await replenish(7 * 1.15)).toMatchObject({ affordable: 0, bought: 0 });
});

test('the cap of the day ends a run without an error; an area code without stock is not widened', async () => {
  for (let n = 0; n < 6; n++) await held(n, '901');
  expect(await replenish(100, 0)).toMatchObject({ missing: 3, bought: 0 });
  carrier.stock = [phone(50, '615')];
  expect(await replenish(100)).toMatchObject({ missing: 3, bought: 0 });
});

describe('the places', () => {
  test('are anywhere while there are no DJs', () => {
    expect([...places(3, new Map(), new Map())]).toEqual([[undefined, 3]]);
  });

  test('go first where many DJs share few free numbers', () => {
    const wanted = places(
      4,
      new Map([
        ['901', 10],
        ['615', 4],
      ]),
      new Map([['901', 3]]),
    );
    expect(Object.fromEntries(wanted as Map<string, number>)).toEqual({ '615': 2, '901': 2 });
  });
});
