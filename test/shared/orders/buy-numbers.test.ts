import { beforeEach, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { buyNumbers } from '#shared/orders/buy-numbers.ts';
import { orderRepository } from '#shared/orders/order.repository.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { cause, phone, purchasing, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

let table: Awaited<ReturnType<typeof openTable>>;
let numbers: NumberRepository;
let carrier: FakeCarrier;
let seconds = 0;
/** How long the request waits for what hangs: for ever, unless a test says otherwise. */
let patience: (seconds: number) => Promise<void>;
const now = () => addSeconds(start, seconds);

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  carrier = fakeCarrier(Array.from({ length: 30 }, (_, n) => phone(n, n < 10 ? '901' : '615')));
  seconds = 0;
  patience = () => new Promise(() => {});
});

const buy = (count: number, areaCode?: string, cap = 100) =>
  buyNumbers(
    {
      numbers,
      carrier,
      purchases: purchaseCounter(table, cap),
      switches: switchRepository(table),
      orders: orderRepository(table),
      now,
      pause: patience,
    },
    { count, areaCode, actor: 'admin:tests' },
  );

test('as many as asked for are bought, distinct, and free in the pool', async () => {
  const { bought, failed } = await buy(20);
  expect(failed).toEqual([]);
  expect(new Set(bought.map(({ phoneNumber }) => phoneNumber)).size).toBe(20);
  expect(bought.every(({ status }) => status === 'available')).toBe(true);
  expect(await numbers.countInState('available')).toBe(20);
  expect(carrier.owned.size).toBe(20);
});

test('an area code is never widened: what it does not have is told', async () => {
  const { bought, failed } = await buy(12, '901');
  expect(bought.map(({ areaCode }) => areaCode)).toEqual(Array.from({ length: 10 }, () => '901'));
  expect(failed).toEqual(
    Array.from({ length: 2 }, () => ({
      phoneNumber: null,
      code: 'NO_NUMBERS_AVAILABLE',
      reason: 'The carrier has no number in area code 901',
    })),
  );
});

test('when the carrier has nothing, nothing is bought', async () => {
  expect(await buy(2, '212')).toMatchObject({
    bought: [],
    failed: [{ code: 'NO_NUMBERS_AVAILABLE' }, { code: 'NO_NUMBERS_AVAILABLE' }],
  });
  carrier.stock = [];
  expect((await buy(1)).failed[0]?.reason).toBe('The carrier has no number to sell');
});

test('candidates that are refused or ours are passed over', async () => {
  carrier.refused.set(phone(0, '901'), 21422).set(phone(1, '901'), 21421);
  await numbers.save(undefined, purchasing(phone(2, '901')), cause);
  const { bought, failed } = await buy(3, '901');
  expect(failed).toEqual([]);
  expect(bought.map(({ phoneNumber }) => phoneNumber).sort()).toEqual([
    phone(3, '901'),
    phone(4, '901'),
    phone(5, '901'),
  ]);
  expect(await numbers.find(phone(0, '901'))).toMatchObject({ status: 'failed' });
  expect(await numbers.find(phone(2, '901'))).toMatchObject({ status: 'purchasing' });
});

test('a purchase of unknown end is told as that, stays as intent, and no other is bought for it', async () => {
  carrier.down.add('buy-after');
  const { bought, failed } = await buy(2, '901');
  expect(bought).toEqual([]);
  expect(failed).toHaveLength(2);
  for (const { code, reason, phoneNumber } of failed) {
    expect(code).toBe('TWILIO_UNAVAILABLE');
    expect(reason).toContain('unknown');
    expect(carrier.owned.has(phoneNumber ?? '')).toBe(true);
  }
  expect(carrier.owned.size).toBe(2);
  expect(await numbers.countInState('purchasing')).toBe(2);
});

test('when time is up no new purchase begins', async () => {
  const buyAtCarrier = carrier.buy;
  carrier.buy = async (wanted) => {
    seconds += 6;
    return buyAtCarrier(wanted);
  };
  const { bought, failed } = await buy(12);
  expect(bought.length + failed.length).toBe(12);
  expect(bought.length).toBeLessThan(9);
  expect(bought.length).toBeGreaterThan(0);
  expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['not_attempted']));
  expect(carrier.owned.size).toBe(bought.length);
});

test('above the cap of the day nothing is bought, and nothing of it is used up', async () => {
  await expect(buy(6, undefined, 5)).rejects.toMatchObject({ code: 'PURCHASE_CAP_REACHED' });
  expect(carrier.owned.size).toBe(0);
  expect((await buy(5, undefined, 5)).bought).toHaveLength(5);
});

test('a carrier that has nothing to sell uses up nothing of the cap', async () => {
  await buy(5, '212', 5);
  expect((await buy(5, '901', 5)).bought).toHaveLength(5);
});

test('a carrier that does not answer the search is told at once', async () => {
  carrier.down.add('search');
  await expect(buy(3)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
  expect(carrier.owned.size).toBe(0);
});

test('two purchases at the same moment never buy the same number twice', async () => {
  const [one, two] = await Promise.all([buy(5, '901'), buy(4, '901')]);
  const all = [...one.bought, ...two.bought].map(({ phoneNumber }) => phoneNumber);
  expect(new Set(all).size).toBe(all.length);
  expect(carrier.owned.size).toBe(all.length);
});

test('the same purchase does not run twice at once, and can be made again afterwards', async () => {
  const outcomes = await Promise.allSettled([buy(5, '901'), buy(5, '901')]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = outcomes.find((outcome) => outcome.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'PURCHASE_IN_PROGRESS', status: 409 });
  expect((await buy(5, '901')).bought).toHaveLength(5);
});

test('the answer comes in time though Twilio hangs: what hangs is told as unknown, the rest as not attempted', async () => {
  let hanging = 0;
  let giveUp = () => {};
  patience = () => new Promise((resolve) => (giveUp = resolve));
  const { buy: buyAtCarrier } = carrier;
  carrier.buy = async (wanted) => {
    if (carrier.owned.size < 3) return buyAtCarrier(wanted);
    if (++hanging === 4) giveUp();
    return new Promise(() => {});
  };
  const { bought, failed } = await buy(12, undefined, 12);
  expect(bought).toHaveLength(3);
  expect(failed.map(({ code }) => code).sort()).toEqual([
    ...Array.from({ length: 4 }, () => 'TWILIO_UNAVAILABLE'),
    ...Array.from({ length: 5 }, () => 'not_attempted'),
  ]);
  expect(await numbers.countInState('purchasing')).toBe(4);
  carrier.buy = buyAtCarrier;
  expect((await buy(5, undefined, 12)).bought).toHaveLength(5);
  await expect(buy(1, undefined, 12)).rejects.toMatchObject({ code: 'PURCHASE_CAP_REACHED' });
});

test('a carrier that has too many requests sold nothing, and says so', async () => {
  carrier.busy = 1;
  const { bought, failed } = await buy(3, '901');
  expect(bought).toHaveLength(2);
  expect(failed).toMatchObject([
    { code: 'TWILIO_BUSY', reason: expect.stringContaining('nothing happened') },
  ]);
  expect(await numbers.countInState('failed')).toBe(1);
});

test('what was not bought of the cap can be bought later that day', async () => {
  for (const n of [0, 1, 2]) carrier.refused.set(phone(n, '901'), 21422);
  expect((await buy(10, '901', 10)).bought).toHaveLength(7);
  expect((await buy(3, '615', 10)).bought).toHaveLength(3);
});
