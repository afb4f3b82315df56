import { beforeEach, expect, test } from 'vitest';
import { openCalls } from '#shared/calls/open-calls.ts';
import { addSeconds } from '#shared/clock.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { type VirtualNumber } from '#shared/numbers/number.ts';
import { releaseNumber } from '#shared/numbers/release-number.ts';
import type { Table } from '#shared/table/client.ts';
import { TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import { placedCall } from '#test/shared/calls/placed-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';
import {
  cause,
  dj,
  holder,
  numberSid,
  phone,
  rested,
  start,
  writeAssigned,
  writeFree,
} from './stored-number.ts';

let table: Table;
let numbers: NumberRepository;
let carrier: FakeCarrier;
let number: VirtualNumber;

beforeEach(async () => {
  table = await openTable();
  numbers = numberRepository(table);
  carrier = fakeCarrier();
  number = await writeFree(numbers, phone(1));
});

const sidOf = (of: VirtualNumber) => of.sid as NonNullable<VirtualNumber['sid']>;
const release = (sid = sidOf(number), over: Partial<FakeCarrier> = {}) =>
  releaseNumber(
    { numbers, carrier: { ...carrier, ...over }, calls: openCalls(table), now: () => start },
    sid,
    'admin:tests',
  );
const history = async () =>
  (
    await table.query({
      pk: `NUMBER#${number.phoneNumber}`,
      from: 'HISTORY#',
      to: 'HISTORY#\uffff',
      limit: 100,
    })
  ).items.map(({ to }) => to);

async function assignToBen() {
  const held = await writeAssigned(numbers, number, holder(dj('ben')));
  return held;
}

test('a free number is given back and kept as history', async () => {
  expect(await release()).toMatchObject({ number: { status: 'released' }, alreadyReleased: false });
  expect(carrier.released).toEqual([number.sid]);
  expect(await history()).toEqual(['purchasing', 'available', 'releasing', 'released']);
  expect(await numbers.countInState('available')).toBe(0);
});

test('released again, it says that it is done and asks nobody', async () => {
  await release();
  expect(await release()).toMatchObject({ alreadyReleased: true });
  expect(carrier.released).toHaveLength(1);
});

test('a cooling number is given back and its DJ holds nothing any more', async () => {
  const held = await assignToBen();
  await numbers.save(held, rested(held, start), cause);
  await release();
  expect(await numbers.holdingOf(dj('ben'))).toBeUndefined();
});

test('an assigned number is not given back', async () => {
  await assignToBen();
  await expect(release()).rejects.toMatchObject({
    code: 'NUMBER_ASSIGNED',
    status: 409,
    message: 'Cannot release assigned number',
  });
  expect(carrier.released).toEqual([]);
});

test('an unknown sid is not found', async () => {
  await expect(release(numberSid(404))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('while a call on it is open and younger than four hours it is not given back', async () => {
  await placedCall(table, 1, { virtualNumber: number.phoneNumber, at: addSeconds(start, -4 * 3600 + 1) });
  await expect(release()).rejects.toMatchObject({ code: 'NUMBER_IN_USE', status: 409 });
  expect((await numbers.find(number.phoneNumber))?.status).toBe('available');
});

test('an older call or one on another number does not hold it', async () => {
  await placedCall(table, 1, { virtualNumber: number.phoneNumber, at: addSeconds(start, -4 * 3600 - 1) });
  await placedCall(table, 2, { virtualNumber: phone(2), at: start });
  expect(await release()).toMatchObject({ alreadyReleased: false });
});

test('a release that broke off at the carrier is finished when it is asked for again', async () => {
  carrier.down.add('release');
  await expect(release()).rejects.toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
  expect((await numbers.find(number.phoneNumber))?.status).toBe('releasing');
  carrier.down.delete('release');
  expect(await release()).toMatchObject({ number: { status: 'released' }, alreadyReleased: false });
  expect(await history()).toEqual(['purchasing', 'available', 'releasing', 'released']);
});

test('a number that Twilio refuses to take back for good is what it was, and the refusal is told', async () => {
  const refuse = async () => {
    throw new TwilioRefusal(21452, 'The number has a pending port', undefined);
  };
  await expect(release(sidOf(number), { release: refuse })).rejects.toMatchObject({ status: 409 });
  expect((await numbers.find(number.phoneNumber))?.status).toBe('available');
});

test('two releases at the same moment end in one released number', async () => {
  const results = await Promise.allSettled([release(), release()]);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'IN_PROGRESS' });
  expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
  expect((await numbers.find(number.phoneNumber))?.status).toBe('released');
  expect(await history()).toEqual(['purchasing', 'available', 'releasing', 'released']);
});
