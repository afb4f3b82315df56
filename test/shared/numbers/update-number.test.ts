import { beforeEach, describe, expect, test } from 'vitest';
import { callFacts } from '#shared/calls/facts.ts';
import { openCalls } from '#shared/calls/open-calls.ts';
import { addSeconds } from '#shared/clock.ts';
import type { E164 } from '#shared/id.ts';
import { type NumberRepository, numberRepository } from '#shared/numbers/number.repository.ts';
import { type HeldNumber } from '#shared/numbers/number.ts';
import { type UpdateInput, updateNumber } from '#shared/numbers/update-number.ts';
import { usage, usageWrite } from '#shared/numbers/usage.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import type { Table } from '#shared/table/client.ts';
import { openTable } from '#test/shared/open-table.ts';
import { cause, dj, holder, phone, rested, start, writeHeld } from './stored-number.ts';

let table: Table;
let numbers: NumberRepository;
let held: HeldNumber;
let seconds = 3600;
const now = () => addSeconds(start, seconds);

beforeEach(async () => {
  seconds = 3600;
  table = await openTable();
  numbers = numberRepository(table);
  held = await writeHeld(numbers, phone(1), holder(dj('ben')));
});

const update = (more: Partial<UpdateInput>, over: Partial<NumberRepository> = {}) =>
  updateNumber(
    {
      numbers: { ...numbers, ...over },
      usage: usage(table),
      calls: openCalls(table),
      policy: poolPolicy.parse({}),
      now,
    },
    {
      djProfileId: dj('ben'),
      realPhoneNumber: undefined,
      displayName: undefined,
      settings: undefined,
      isActive: undefined,
      actor: 'dj:user',
      byDj: true,
      ...more,
    },
  );
const history = async () =>
  (
    await table.query({
      pk: `NUMBER#${held.phoneNumber}`,
      from: 'HISTORY#',
      to: 'HISTORY#\uffff',
      limit: 100,
    })
  ).items;

test('target, name and settings are changed in one write, with its reason', async () => {
  const after = await update({
    realPhoneNumber: '+16155550122' as E164,
    displayName: 'New',
    settings: { language: 'es' },
  });
  expect(after).toMatchObject({
    status: 'assigned',
    revision: held.revision + 1,
    holder: {
      realPhoneNumber: '+16155550122' as E164,
      displayName: 'New',
      settings: { language: 'es', ring_timeout_seconds: 18 },
    },
  });
  expect(await numbers.holdingOf(dj('ben'))).toEqual({ state: 'held', number: after });
  expect(await history()).toHaveLength(4);
  expect((await history()).at(-1)).toMatchObject({
    actor: 'dj:user',
    reason: 'forwarding target changed',
    realPhoneNumber: '+16155550122' as E164,
  });
});

test('deactivation cools at once, activation brings it back, settings can come along', async () => {
  const cooling = await update({ isActive: false, settings: { whisper: 'x' } });
  expect(cooling).toMatchObject({
    status: 'cooling',
    revision: held.revision + 1,
    holder: { settings: { whisper: 'x' } },
  });
  expect((await history()).at(-1)).toMatchObject({
    reason: 'deactivated, settings changed',
    from: 'assigned',
    to: 'cooling',
  });
  const active = await update({ isActive: true });
  expect(active).toMatchObject({ status: 'assigned', revision: held.revision + 2 });
});

test('asking for what already is changes nothing', async () => {
  expect(await update({ isActive: true })).toEqual(held);
  await update({ isActive: false });
  const cooling = await numbers.find(held.phoneNumber);
  expect(await update({ isActive: false })).toEqual(cooling);
  expect(await history()).toHaveLength(4);
});

test('a DJ without a number is not found, and activating says what to do instead', async () => {
  await expect(update({ djProfileId: dj('max'), isActive: false })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(update({ djProfileId: dj('max'), isActive: true })).rejects.toMatchObject({
    code: 'ILLEGAL_STATE',
    message: expect.stringContaining('POST virtual-numbers'),
  });
  await numbers.claimDj(dj('max'), 'claim', start, addSeconds(start, 60));
  await expect(update({ djProfileId: dj('max'), displayName: 'x' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a number of ours is no target, not even his own', async () => {
  await expect(update({ realPhoneNumber: held.phoneNumber })).rejects.toMatchObject({
    code: 'NUMBER_NOT_ALLOWED',
    status: 422,
  });
  expect(await numbers.find(held.phoneNumber)).toEqual(held);
});

test('a change at the same moment is told, not written over', async () => {
  const between: Partial<NumberRepository> = {
    holdingOf: async (id) => {
      const holding = await numbers.holdingOf(id);
      await numbers.save(held, rested(held, now()), cause);
      return holding;
    },
  };
  await expect(update({ displayName: 'Mine' }, between)).rejects.toMatchObject({
    code: 'IN_PROGRESS',
    status: 409,
  });
  expect(await numbers.find(held.phoneNumber)).toMatchObject({
    status: 'cooling',
    holder: { displayName: 'DJ Ben' },
  });
});

describe('a deactivated number', () => {
  const restsUntil = async () => {
    await update({ isActive: false });
    return new Date((await numbers.find(held.phoneNumber))?.stateAt ?? '');
  };

  test('that nobody called in its first day needs no rest', async () => {
    expect(await restsUntil()).toEqual(now());
  });

  test('that was called rests for 30 days', async () => {
    const lastCallAt = addSeconds(start, 60).toISOString();
    await table.transact([usageWrite(held.phoneNumber, { calls: 1, lastCallAt }, start)]);
    expect(await restsUntil()).toEqual(addSeconds(now(), 30 * 86_400));
  });

  test('with a call that is not over yet rests for 30 days', async () => {
    const call = {
      callSid: `CA${'1'.repeat(32)}`,
      virtualNumber: held.phoneNumber,
      callerNumber: '+16155550188' as E164,
    };
    await callFacts(table).status(call, addSeconds(start, 60), 'in-progress', 0);
    expect(await restsUntil()).toEqual(addSeconds(now(), 30 * 86_400));
  });
});

describe('the forwarding target', () => {
  const target = (n: number) => `+161555501${String(30 + n).padStart(2, '0')}` as E164;
  const move = (n: number, more: Partial<UpdateInput> = {}) =>
    update({ realPhoneNumber: target(n), ...more });
  const limited = { code: 'RATE_LIMITED', status: 429, message: expect.stringContaining('midnight UTC') };

  test('is changed by the DJ five times a UTC day, and again the next day; what is refused changes nothing', async () => {
    for (let n = 0; n < 5; n++) await move(n);
    for (let n = 5; n < 38; n++) await expect(move(n, { displayName: 'New' })).rejects.toMatchObject(limited);
    expect(await numbers.find(held.phoneNumber)).toMatchObject({
      holder: { realPhoneNumber: target(4), displayName: 'DJ Ben' },
    });
    seconds += 86_400;
    expect(await move(6)).toMatchObject({ holder: { realPhoneNumber: target(6) } });
  });

  test('is changed by others as often as they like, and that takes nothing from the DJ', async () => {
    for (let n = 0; n < 8; n++) await move(n, { byDj: false, actor: 'admin:1' });
    for (let n = 10; n < 15; n++) await move(n);
    await expect(move(15)).rejects.toMatchObject(limited);
    await move(16, { byDj: false, actor: 'service:1' });
  });

  test('that stays the same is no change, and other settings go on', async () => {
    for (let n = 0; n < 5; n++) await move(n);
    await move(4);
    await update({ displayName: 'DJ Benjamin' });
    await update({ isActive: false });
    await update({ isActive: true });
    await expect(move(5)).rejects.toMatchObject(limited);
  });

  test('changed many times at the same moment is counted each time', async () => {
    for (let n = 0; n < 3; n++) await move(n);
    for (let round = 0; round < 4; round++)
      await Promise.allSettled(Array.from({ length: 8 }, (_, n) => move(10 + round * 8 + n)));
    const changes = (await history()).filter(({ reason }) => reason === 'forwarding target changed');
    expect(changes).toHaveLength(5);
  });
});
