import { expect, test } from 'vitest';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import { assign, reserve } from '#shared/numbers/transitions.ts';
import { reservations } from '#shared/pool/reserve-sender.ts';
import { webhookUrls } from '#shared/twilio/number-webhooks.ts';
import type { OwnedNumber } from '#shared/twilio/numbers.ts';
import { bought, dj, holder, phone, purchasing, rested, start } from '#test/shared/numbers/stored-number.ts';

const sender = phone(1);
const free = bought(purchasing(sender));
const held = assign(free, holder(dj('ben')), start);
const owned: OwnedNumber = {
  phoneNumber: sender,
  sid: free.sid as NonNullable<VirtualNumber['sid']>,
  friendlyName: 'platform sender',
  capabilities: free.capabilities,
  ...webhookUrls('https://calls.example.com'),
};
const outcome = (...given: Parameters<typeof reservations>) =>
  reservations(...given).map(({ before, after }) => [
    before?.status ?? null,
    after.status,
    after.phoneNumber,
  ]);

test('a sender that the table does not know is written down as reserved, with its own name', () => {
  const [reservation] = reservations(sender, [owned], [], start);
  expect(reservation?.before).toBeUndefined();
  expect(reservation?.after).toMatchObject({
    status: 'reserved',
    sid: owned.sid,
    friendlyName: 'platform sender',
    revision: 1,
  });
});

test.each([
  ['free in the pool leaves it', [free], [['available', 'reserved', sender]]],
  ['a DJ’s stays his', [held], []],
  ['resting is reserved once it is free', [rested(held)], []],
  ['reserved already stays so', [reserve(free, start)], []],
])('a sender that is %s', (_what, stored, expected) => {
  expect(outcome(sender, [owned], stored, start)).toEqual(expected);
});

test('a number from which the platform sends no more is free again', () => {
  expect(outcome('', [owned], [reserve(free, start)], start)).toEqual([['reserved', 'available', sender]]);
});

test('nothing is reserved when the account does not own the sender, or there is none', () => {
  expect(outcome(sender, [], [], start)).toEqual([]);
  expect(outcome('', [owned], [free], start)).toEqual([]);
});
