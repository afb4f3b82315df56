import { beforeEach, describe, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { fillOrder, OrderUnfinished } from '#shared/orders/fill-order.ts';
import { type OrderRepository, orderRepository } from '#shared/orders/order.repository.ts';
import { placeOrder } from '#shared/orders/place-order.ts';
import { resumeOrders } from '#shared/orders/resume-orders.ts';
import { showOrder } from '#shared/orders/show-order.ts';
import { type SwitchRepository, switchRepository } from '#shared/switches/switch.repository.ts';
import { phone, start } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

let table: Awaited<ReturnType<typeof openTable>>;
let numbers: NumberRepository;
let orders: OrderRepository;
let carrier: FakeCarrier;
let seconds: number;
let switches: SwitchRepository;
let paused: number[];
const now = () => addSeconds(start, seconds);

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  orders = orderRepository(table);
  switches = switchRepository(table);
  carrier = fakeCarrier(Array.from({ length: 100 }, (_, n) => phone(n, n < 60 ? '901' : '615')));
  seconds = 0;
  paused = [];
});

const place = (count: number, areaCode?: string, cap = 100) =>
  placeOrder(
    { orders, purchases: purchaseCounter(table, cap), switches, now },
    { count, areaCode, actor: 'admin:tests' },
  );
const fill = (orderId: string) => {
  const pause = async (length: number) => {
    paused.push(length);
  };
  return fillOrder({ numbers, carrier, orders, switches, now, pause }, orderId);
};
const show = (orderId: string) => showOrder({ orders, numbers }, orderId);

test('an order is bought whole, in the area code alone, and can be read number by number', async () => {
  const { id } = await place(45, '901');
  expect(await show(id)).toMatchObject({ status: 'queued', count: 45, bought: 0, numbers: [] });
  await fill(id);
  const order = await show(id);
  expect(order).toMatchObject({ status: 'done', bought: 45, failed: 0, unknown: 0, reason: null });
  expect(order.numbers).toHaveLength(45);
  expect(order.numbers.every(({ phoneNumber, sid }) => phoneNumber.startsWith('+1901') && sid !== null)).toBe(
    true,
  );
  expect(await numbers.countInState('available')).toBe(45);
  expect((await numbers.find(phone(0, '901')))?.orderId).toBe(id);
});

test('an order ends with fewer when the area code has no more, and gives the rest of the cap back', async () => {
  const { id } = await place(70, '901', 70);
  await fill(id);
  expect(await show(id)).toMatchObject({
    status: 'done',
    bought: 60,
    reason: 'The carrier has no number in area code 901',
  });
  await expect(place(11, '615', 70)).rejects.toMatchObject({ code: 'PURCHASE_CAP_REACHED' });
  await expect(place(10, '615', 70)).resolves.toMatchObject({ status: 'queued' });
});

test('the same is not ordered twice at once, and the refusal names the one that runs', async () => {
  const { id } = await place(30);
  await expect(place(30)).rejects.toMatchObject({
    code: 'PURCHASE_IN_PROGRESS',
    message: expect.stringContaining(id),
  });
  await expect(place(31)).resolves.toMatchObject({ status: 'queued' });
  await fill(id);
  await expect(place(30)).resolves.toMatchObject({ status: 'queued' });
});

test('an order beyond the cap of the day is refused whole, and nothing of it is kept', async () => {
  await expect(place(30, undefined, 29)).rejects.toMatchObject({ code: 'PURCHASE_CAP_REACHED' });
  await expect(place(29, undefined, 29)).resolves.toMatchObject({ status: 'queued' });
});

test('numbers that somebody else took meanwhile are told, and others are bought in their place', async () => {
  for (let n = 0; n < 5; n++) carrier.refused.set(phone(n, '901'), 21422);
  const { id } = await place(25, '901');
  await fill(id);
  const order = await show(id);
  expect(order).toMatchObject({ status: 'done', bought: 25, failed: 5 });
  expect(order.numbers.filter(({ code }) => code === '21422')).toHaveLength(5);
});

describe('a worker', () => {
  test('waits longer and longer when Twilio has too many requests, and loses nothing', async () => {
    carrier.busy = 6;
    const { id } = await place(21);
    await fill(id);
    expect(await show(id)).toMatchObject({ status: 'done', bought: 21, failed: 0 });
    expect(paused.length).toBe(6);
    expect(Math.max(...paused)).toBeGreaterThan(1);
  });

  test('comes back later when Twilio stays busy; nothing was bought, nothing is unknown', async () => {
    carrier.busy = 10_000;
    const { id } = await place(21);
    await expect(fill(id)).rejects.toBeInstanceOf(OrderUnfinished);
    expect(await show(id)).toMatchObject({ status: 'running', bought: 0, unknown: 0 });
    carrier.busy = 0;
    seconds += 1080;
    await fill(id);
    expect(await show(id)).toMatchObject({ status: 'done', bought: 21 });
  });

  test('counts what may have been bought, and buys no other for it', async () => {
    const { id } = await place(21);
    carrier.down.add('buy-after');
    await expect(fill(id)).rejects.toBeInstanceOf(OrderUnfinished);
    const { unknown } = await show(id);
    expect(unknown).toBe(carrier.owned.size);
    expect(unknown).toBeGreaterThan(0);
    carrier.down.clear();
    seconds += 1080;
    await fill(id);
    expect(await show(id)).toMatchObject({ status: 'done', bought: 21 - unknown, unknown });
    expect(carrier.owned.size).toBe(21);
  });

  test('stops when its time is up, and the next one goes on', async () => {
    const { buy } = carrier;
    carrier.buy = (wanted) => {
      seconds += 10;
      return buy(wanted);
    };
    const { id } = await place(25);
    await expect(fill(id)).rejects.toBeInstanceOf(OrderUnfinished);
    const first = await show(id);
    expect(first.bought).toBeGreaterThan(10);
    expect(first.bought).toBeLessThan(25);
    seconds += 1080;
    await fill(id);
    expect(await show(id)).toMatchObject({ status: 'done', bought: 25, failed: 0 });
  });

  test('leaves an order alone that another one is on, and one that is done', async () => {
    const { id } = await place(21);
    carrier.down.add('search');
    await expect(fill(id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    carrier.down.clear();
    seconds += 60;
    await expect(fill(id)).rejects.toThrow(/another worker/);
    seconds += 121;
    await fill(id);
    const { bought } = await show(id);
    await fill(id);
    expect(await show(id)).toMatchObject({ bought });
    expect(carrier.owned.size).toBe(21);
  });

  test('gives an order up after twelve attempts, and says why', async () => {
    const { id } = await place(21, undefined, 21);
    carrier.down.add('search');
    for (let attempt = 1; attempt < 12; attempt++) {
      await expect(fill(id)).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
      seconds += 1080;
    }
    await fill(id);
    expect(await show(id)).toMatchObject({
      status: 'done',
      bought: 0,
      reason: expect.stringMatching(/12 attempts/),
    });
    await expect(place(21, undefined, 21)).resolves.toMatchObject({ status: 'queued' });
  });

  test('does not take up an order that does not exist', async () => {
    await expect(fill('ord_none')).rejects.toThrow(/does not exist/);
    await expect(show('ord_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('an order whose worker was lost', () => {
  test('is started again once nobody can be on it any more, not before', async () => {
    const { id } = await place(21);
    seconds += 2399;
    expect(await resumeOrders({ orders, switches, now })).toBe(0);
    seconds += 2;
    expect(await resumeOrders({ orders, switches, now })).toBe(1);
    expect(await orders.find(id)).toMatchObject({ status: 'queued', attempts: 1 });
    expect(await resumeOrders({ orders, switches, now })).toBe(0);
    await fill(id);
    seconds += 10_000;
    expect(await resumeOrders({ orders, switches, now })).toBe(0);
  });
});
