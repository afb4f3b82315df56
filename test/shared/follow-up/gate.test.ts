import { describe, expect, test } from 'vitest';
import { settle } from '#shared/calls/settle.ts';
import { decideFollowUp } from '#shared/follow-up/gate.ts';
import type { PlatformSender } from '#shared/messages/sender.ts';
import { callStart, dial, forwarded, leg, storedCall, voicemail } from '#test/shared/calls/stored-call.ts';

const nobody: PlatformSender = { messagingServiceSid: '', phoneNumber: '' };
const service: PlatformSender = { messagingServiceSid: `MG${'0'.repeat(32)}`, phoneNumber: '' };
const number: PlatformSender = { messagingServiceSid: '', phoneNumber: '+18885550100' };

function decide(
  facts: Record<string, unknown>,
  { optedOut = false, platform = service, now = new Date(callStart) } = {},
) {
  const call = storedCall({ dial_completed: dial(95), status_completed: leg(101), ...facts });
  return decideFollowUp(call, settle(call), optedOut, platform, now);
}

test('a call of more than ten seconds is texted', () => {
  expect(decide({ dial_completed: dial(11) })).toMatchObject({ to: '+16155550123' });
});

describe('no conversation', () => {
  test.each([
    ['of ten seconds', { dial_completed: dial(10) }],
    ['of no seconds', { dial_completed: dial(0) }],
    ['that was missed', { dial_completed: undefined, 'dial_no-answer': dial() }],
    ['with a long voicemail', { dial_completed: undefined, voicemail: voicemail(110) }],
    [
      'with a long leg of a caller who was never connected',
      { dial_completed: dial(), status_completed: leg(300) },
    ],
    ['that is not over', { dial_completed: undefined }],
    ['that was abandoned', { dial_completed: undefined, 'status_no-answer': leg() }],
  ])('a call %s is not texted', (_what, facts) => {
    const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
    const call = storedCall({ status_completed: leg(101), ...given });
    expect(decideFollowUp(call, settle(call), false, service, new Date(callStart))).toEqual({
      skip: 'no-conversation',
    });
  });
});

test('a DJ who switched texts off sends none', () => {
  expect(decide({ routing: { ...forwarded, smsFollowUp: false } })).toEqual({ skip: 'disabled' });
});

test('a call without routing or on a number that nobody holds is not texted', () => {
  expect(decide({ routing: undefined })).toEqual({ skip: 'disabled' });
  expect(decide({ routing: { kind: 'misdirected', djProfileId: null, timeZone: 'UTC' } })).toHaveProperty(
    'skip',
  );
});

test('an opt-out stands above everything but the reasons that need no text at all', () => {
  expect(decide({}, { optedOut: true })).toEqual({ skip: 'opted-out' });
  expect(decide({}, { optedOut: true, platform: nobody })).toEqual({ skip: 'opted-out' });
});

test.each([
  'anonymous',
  'Restricted',
  '',
  '266696687',
  '+266',
  'sip:ben@example.com',
  '6155550123',
  undefined,
])('a caller known as %j cannot be texted', (callerNumber) =>
  expect(decide({ callerNumber })).toEqual({ skip: 'not-textable' }),
);

describe('the sender', () => {
  const registered = { routing: { ...forwarded, smsStatus: 'ready' } };
  const unregistered = { routing: { ...forwarded, smsStatus: 'unregistered' } };

  test.each([
    [
      'the virtual number, through the service it is in',
      registered,
      service,
      { from: '+19015550100', viaService: true },
    ],
    [
      'the virtual number, if it is registered without a service',
      registered,
      nobody,
      { from: '+19015550100', viaService: false },
    ],
    [
      'the service, if the number is not registered',
      unregistered,
      service,
      { from: undefined, viaService: true },
    ],
    [
      "the platform's number, if there is no service",
      unregistered,
      number,
      { from: '+18885550100', viaService: false },
    ],
    [
      'the service before the number of the platform',
      unregistered,
      { ...service, phoneNumber: '+18885550100' },
      { from: undefined, viaService: true },
    ],
  ])('is %s', (_what, facts, platform, send) => {
    expect(decide(facts, { platform })).toEqual({ send, to: '+16155550123' });
  });

  test('may be nobody: then the call is skipped', () => {
    expect(decide(unregistered, { platform: nobody })).toEqual({ skip: 'no-sender' });
  });
});

test('a call that ended more than twelve hours ago is stale', () => {
  const ended = new Date(dial(95).at);
  const hours = (n: number) => new Date(ended.getTime() + n * 3_600_000);
  const facts = { dial_completed: dial(95), status_completed: leg(101) };
  expect(decide(facts, { now: hours(8) })).toMatchObject({ to: '+16155550123' });
  expect(decide(facts, { now: hours(12.1) })).toEqual({ skip: 'stale' });
});

test('a late text waits while it is night where the caller is, unless nothing is to be sent anyway', () => {
  const night = new Date(new Date(dial(95).at).getTime() + 11 * 3_600_000);
  const facts = { dial_completed: dial(95), status_completed: leg(101) };
  expect(decide(facts, { now: night })).toEqual({ defer: true });
  expect(decide(facts, { now: night, optedOut: true })).toEqual({ skip: 'opted-out' });
  expect(decide(facts, { now: night, platform: nobody })).toEqual({ defer: true });
});
