import { beforeEach, expect, test } from 'vitest';
import { addSeconds } from '#shared/clock.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { type VirtualNumber } from '#shared/numbers/number.ts';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { reclaimNumber } from '#shared/numbers/reclaim-number.ts';
import { registerNumber } from '#shared/numbers/register-number.ts';
import { completeRelease, setSmsStatus, startRelease } from '#shared/numbers/transitions.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import { bought, cause, numberSid, phone, purchasing, start } from './stored-number.ts';

const day = 86_400;
const oldSid = numberSid(5);
let table: Awaited<ReturnType<typeof openTable>>;
let numbers: NumberRepository;
let carrier: FakeCarrier;
let now: Date;
let free: VirtualNumber;

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  carrier = fakeCarrier([phone(1)]);
  now = start;
  free = { ...bought(purchasing(phone(1))), sid: oldSid };
  await numbers.save(undefined, free, cause);
});

async function released() {
  const releasing = startRelease(free, start);
  await numbers.save(free, releasing, cause);
  await numbers.save(releasing, completeRelease(releasing, start), cause);
}

const reclaim = (sid: PhoneNumberSid = oldSid, cap = 10) =>
  reclaimNumber(
    {
      numbers,
      carrier,
      purchases: purchaseCounter(table, cap),
      switches: switchRepository(table),
      now: () => now,
    },
    sid,
    'admin:tests',
  );
const register = (sid: PhoneNumberSid = oldSid) =>
  registerNumber({ numbers, carrier, now: () => now }, sid, 'admin:tests');

test('a number comes back within ten days, free, with a new sid', async () => {
  await released();
  now = addSeconds(start, 10 * day);
  const number = await reclaim();
  expect(number).toMatchObject({ phoneNumber: phone(1), status: 'available' });
  expect(number.sid).not.toBe(oldSid);
  expect((await numbers.findBySid(number.sid as PhoneNumberSid))?.id).toBe(number.id);
});

test('bought back once, it is not bought again, and the refusal names its new sid', async () => {
  await released();
  const number = await reclaim();
  await expect(reclaim()).rejects.toMatchObject({
    code: 'ILLEGAL_STATE',
    message: expect.stringContaining(number.sid ?? '-'),
  });
});

test('of two who want it back one gets it, and one number is bought', async () => {
  await released();
  const outcomes = await Promise.allSettled([reclaim(), reclaim()]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(carrier.owned.size).toBe(1);
});

test.each([
  ['not released', async () => {}, /available cannot be bought back/],
  [
    'released over ten days ago',
    async () => {
      await released();
      now = addSeconds(start, 10 * day + 1);
    },
    /over 10 days ago/,
  ],
  [
    'sold to somebody else',
    async () => {
      await released();
      carrier.refused.set(phone(1), 21422);
    },
    /Twilio does not sell it back: The number is not available/,
  ],
])('a number that is %s does not come back', async (_what, prepare, message) => {
  await prepare();
  await expect(reclaim()).rejects.toMatchObject({ status: 409, message: expect.stringMatching(message) });
  expect(carrier.owned.size).toBe(0);
});

test('the cap of the day holds for it too; an unknown sid is not found', async () => {
  await released();
  await expect(reclaim(oldSid, 0)).rejects.toMatchObject({ code: 'PURCHASE_CAP_REACHED' });
  await expect(reclaim(numberSid(99))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a refused number may text again once it is registered again', async () => {
  await numbers.save(free, setSmsStatus(free, 'refused', start), cause);
  expect((await register()).smsStatus).toBe('ready');
  expect((await numbers.find(phone(1)))?.smsStatus).toBe('ready');
  const ready = await numbers.find(phone(1));
  await register();
  expect(await numbers.find(phone(1))).toEqual(ready);
});

test.each([
  ['full', /21714/],
  ['no-service', /messagingServiceSid/],
] as const)('a Messaging Service that is %s is told', async (registration, message) => {
  carrier.registration = registration;
  await expect(register()).rejects.toMatchObject({ status: 409, message: expect.stringMatching(message) });
});

test('a released number cannot be registered, and Twilio is not asked', async () => {
  await released();
  carrier.down.add('register');
  await expect(register()).rejects.toMatchObject({
    code: 'ILLEGAL_STATE',
    message: 'A number that is released cannot be registered for texts',
  });
  await expect(register(numberSid(99))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
