import { beforeEach, expect, test } from 'vitest';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { buyChosen } from '#shared/orders/buy-chosen.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { phone, start, writeFree } from '#test/shared/numbers/stored-number.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

let table: Awaited<ReturnType<typeof openTable>>;
let numbers: NumberRepository;
let carrier: FakeCarrier;

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  carrier = fakeCarrier([phone(1), phone(2), phone(3, '416')]);
});

const buy = (phoneNumber = phone(2), cap = 1) =>
  buyChosen(
    {
      numbers,
      carrier,
      purchases: purchaseCounter(table, cap),
      switches: switchRepository(table),
      now: () => start,
    },
    phoneNumber,
    'admin:tests',
  );
const unavailable = { code: 'NUMBER_UNAVAILABLE', status: 409 };
/** Nothing that was not bought counts. */
const countsNothing = async () => expect(await buy(phone(1))).toMatchObject({ phoneNumber: phone(1) });

test('exactly the chosen number is bought and free', async () => {
  expect(await buy()).toMatchObject({ phoneNumber: phone(2), status: 'available' });
  expect([...carrier.owned.keys()]).toEqual([phone(2)]);
  expect(carrier.searches).toEqual([{ country: 'US', contains: '9015550102', limit: 1 }]);
});

test('a Canadian number is looked for in Canada', async () => {
  expect(await buy(phone(3, '416'))).toMatchObject({ areaCode: '416', region: 'ON' });
  expect(carrier.searches).toMatchObject([{ country: 'CA' }]);
});

test.each([
  ['is not for sale', phone(9)],
  ['is toll-free', phone(9, '800')],
])('a number that %s is not bought, nor another in its place', async (_what, phoneNumber) => {
  await expect(buy(phoneNumber)).rejects.toMatchObject(unavailable);
  expect(carrier.owned.size).toBe(0);
  await countsNothing();
});

test('a number that is ours already is not bought again', async () => {
  await writeFree(numbers, phone(2));
  await expect(buy()).rejects.toMatchObject({ ...unavailable, message: 'The number is ours already' });
  expect(carrier.searches).toEqual([]);
  await countsNothing();
});

test('a number that somebody else buys at the same moment counts nothing', async () => {
  carrier.refused.set(phone(2), 21422);
  await expect(buy()).rejects.toMatchObject(unavailable);
  await countsNothing();
});

test('of two who want it at the same moment one gets it', async () => {
  const results = await Promise.allSettled([buy(phone(2), 5), buy(phone(2), 5)]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(carrier.owned.size).toBe(1);
});

test('a purchase of which nobody knows whether it happened counts, and is not tried again', async () => {
  carrier.down.add('buy-after');
  await expect(buy()).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE', next: 'unknown' });
  carrier.down.clear();
  await expect(buy()).rejects.toMatchObject(unavailable);
  await expect(buy(phone(1))).rejects.toMatchObject({ code: 'PURCHASE_CAP_REACHED' });
});

test('nothing is bought beyond the cap of the day', async () => {
  await expect(buy(phone(2), 0)).rejects.toMatchObject({ code: 'PURCHASE_CAP_REACHED' });
  expect(carrier.owned.size).toBe(0);
});

test('nothing is bought while an operator has stopped all purchases', async () => {
  const stop = { stopped: true, reason: 'a test', by: 'admin:tests' };
  await switchRepository(table).set('purchases', stop, start);
  await expect(buy()).rejects.toMatchObject({ code: 'PURCHASES_STOPPED' });
  expect(carrier.searches).toEqual([]);
});
