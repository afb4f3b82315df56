import { beforeEach, expect, test } from 'vitest';
import { diagnoseNumber } from '#shared/diagnostics/diagnose-number.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { type HeldNumber, type VirtualNumber } from '#shared/numbers/number.ts';
import { assign } from '#shared/numbers/transitions.ts';
import { bought, dj, holder, phone, purchasing, rested, start } from '#test/shared/numbers/stored-number.ts';
import { type FakeCarrier, fakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

let carrier: FakeCarrier;
let held: HeldNumber;
let others: Map<string, VirtualNumber>;

beforeEach(async () => {
  carrier = fakeCarrier();
  const intent = purchasing(phone(1));
  const owned = await carrier.buy({ phoneNumber: intent.phoneNumber, purchaseId: intent.purchaseId });
  held = assign({ ...bought(intent), sid: owned.sid }, holder(dj('ben')), start);
  carrier.inService = new Set([owned.sid]);
  others = new Map();
});

function diagnose(number: HeldNumber | undefined = held) {
  return diagnoseNumber(
    {
      numbers: {
        holdingOf: async () => number && { state: 'held', number },
        find: async (phoneNumber) => others.get(phoneNumber),
      },
      calls: { ofOwner: async () => ({ calls: [], places: [], next: undefined }) },
      carrier,
      publicBaseUrl: 'https://calls.example.com',
    },
    dj('ben'),
  );
}

const wrong = async (number?: HeldNumber) => (await diagnose(number)).checks.filter(({ ok }) => !ok);

test('a number that works is healthy, and every check says what it saw', async () => {
  const diagnosis = await diagnose();
  expect(diagnosis.healthy).toBe(true);
  expect(diagnosis.checks.map(({ check }) => check)).toEqual([
    'active',
    'owned',
    'webhooks',
    'forwarding',
    'texting',
    'last-call',
  ]);
  expect(JSON.stringify(diagnosis)).not.toContain(held.holder.realPhoneNumber);
});

test('a cooling number is not active', async () => {
  expect(await wrong(rested(held, start))).toMatchObject([{ check: 'active' }]);
});

test('a number that was given back in the console is not owned', async () => {
  carrier.owned.clear();
  expect(await wrong()).toMatchObject([
    { check: 'owned', detail: expect.stringContaining('assign the DJ another') },
  ]);
});

test('webhooks that somebody pointed elsewhere are named with what they should be', async () => {
  const owned = carrier.owned.get(phone(1));
  carrier.owned.set(phone(1), {
    ...(owned as NonNullable<typeof owned>),
    voiceUrl: 'https://else.example.com',
  });
  expect(await wrong()).toMatchObject([
    {
      check: 'webhooks',
      detail: expect.stringContaining(
        'voiceUrl should be https://calls.example.com/api/djdash/calls/incoming',
      ),
    },
  ]);
});

test('a target that is a number of ours is wrong', async () => {
  others.set(held.holder.realPhoneNumber, bought(purchasing(phone(2))));
  expect(await wrong()).toMatchObject([{ check: 'forwarding' }]);
});

test('a number outside the Messaging Service may not send texts', async () => {
  carrier.inService = new Set<PhoneNumberSid>();
  expect(await wrong()).toMatchObject([{ check: 'texting' }]);
});

test('a Messaging Service that is missing is told as such, and the rest is looked at', async () => {
  carrier.down.add('service');
  const { healthy, checks } = await diagnose();
  expect(healthy).toBe(false);
  expect(checks.map(({ check, ok, code }) => [check, ok, code])).toEqual([
    ['active', true, undefined],
    ['owned', true, undefined],
    ['webhooks', true, undefined],
    ['forwarding', true, undefined],
    ['texting', false, 'MESSAGING_SERVICE_NOT_FOUND'],
    ['last-call', true, undefined],
  ]);
  expect(checks.find(({ check }) => check === 'texting')?.detail).toContain('correct messagingServiceSid');
});

test('numbers that Twilio does not list are told as such, and the rest is looked at', async () => {
  carrier.down.add('list');
  const unreadable = { ok: false, code: 'TWILIO_UNAVAILABLE' };
  expect(await wrong()).toMatchObject([
    { check: 'owned', ...unreadable },
    { check: 'webhooks', ...unreadable },
  ]);
});

test('that carriers refuse its texts is known without the Messaging Service', async () => {
  carrier.down.add('service');
  expect(await wrong({ ...held, smsStatus: 'refused' })).toMatchObject([
    { check: 'texting', detail: expect.stringContaining('carriers refused its texts') },
  ]);
});

test('a bug of ours is no part of Twilio that could not be read', async () => {
  carrier.messagingService = () => Promise.reject(new TypeError('a bug'));
  await expect(diagnose()).rejects.toThrow('a bug');
});

test('a DJ without a number is not found', async () => {
  const nobody = diagnoseNumber(
    {
      numbers: { holdingOf: async () => undefined, find: async () => undefined },
      calls: { ofOwner: async () => ({ calls: [], places: [], next: undefined }) },
      carrier,
      publicBaseUrl: 'https://calls.example.com',
    },
    dj('max'),
  );
  await expect(nobody).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
