import { describe, expect, test } from 'vitest';
import type { Call } from '#shared/calls/call.ts';
import { settle } from '#shared/calls/settle.ts';
import { decideFollowUp } from '#shared/follow-up/gate.ts';
import type { FollowUpPolicy } from '#shared/follow-up/policy.ts';
import { judge } from '#shared/texts/judge.ts';
import type { PlatformSender } from '#shared/texts/sender.ts';
import { callStart, dial, forwarded, leg, storedCall, voicemail } from '#test/shared/calls/stored-call.ts';
import { limits } from '#test/shared/texts/fake-door.ts';

const nobody: PlatformSender = { messagingServiceSid: '', phoneNumber: '' };
const service: PlatformSender = { messagingServiceSid: `MG${'0'.repeat(32)}`, phoneNumber: '' };
const number: PlatformSender = { messagingServiceSid: '', phoneNumber: '+18885550100' };

/** What becomes of a call's follow-up by its own facts and the rules for all texts. */
function judged(
  call: Call,
  given: { optedOut: boolean; platform: PlatformSender; quietHours: FollowUpPolicy['quietHours'] },
  now: Date,
) {
  const wanted = decideFollowUp(call, settle(call), given, now);
  if ('skip' in wanted) return wanted;
  const circumstances = { optedOut: given.optedOut, stopped: false };
  const rules = { platform: given.platform, limits, canWait: true };
  return judge(call.callerNumber ?? '', wanted, circumstances, rules, now);
}

function decide(
  facts: Record<string, unknown>,
  {
    optedOut = false,
    platform = service,
    now = new Date(callStart),
    quietHours = 'deferred',
  }: {
    optedOut?: boolean;
    platform?: PlatformSender;
    now?: Date;
    quietHours?: FollowUpPolicy['quietHours'];
  } = {},
) {
  const all = { dial_completed: dial(95), status_completed: leg(101), ...facts };
  const { dial_completed: dialled, ...rest } = all;
  const call = storedCall(dialled === undefined ? rest : { ...rest, dial_completed: dialled });
  return judged(call, { optedOut, platform, quietHours }, now);
}

test('a call of more than ten seconds is texted', () => {
  expect(decide({ dial_completed: dial(11) })).toMatchObject({ kind: 'payment-link' });
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
    expect(
      judged(call, { optedOut: false, platform: service, quietHours: 'deferred' }, new Date(callStart)),
    ).toEqual({
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
    expect(decide(facts, { platform })).toEqual({ send, kind: 'payment-link' });
  });

  test('may be nobody: then the call is skipped', () => {
    expect(decide(unregistered, { platform: nobody })).toEqual({ skip: 'no-sender' });
  });
});

test('a call that ended more than twelve hours ago is stale', () => {
  const ended = new Date(dial(95).at);
  const hours = (n: number) => new Date(ended.getTime() + n * 3_600_000);
  const facts = { dial_completed: dial(95), status_completed: leg(101) };
  expect(decide(facts, { now: hours(8) })).toMatchObject({ kind: 'payment-link' });
  expect(decide(facts, { now: hours(12.1) })).toEqual({ skip: 'stale' });
});

test('a late text waits while it is night where the caller is, unless nothing is to be sent anyway', () => {
  const night = new Date(new Date(dial(95).at).getTime() + 11 * 3_600_000);
  const facts = { dial_completed: dial(95), status_completed: leg(101) };
  expect(decide(facts, { now: night })).toEqual({ defer: true });
  expect(decide(facts, { now: night, optedOut: true })).toEqual({ skip: 'opted-out' });
  expect(decide(facts, { now: night, platform: nobody })).toEqual({ defer: true });
});

describe('a call that nobody took', () => {
  const wanted = { routing: { ...forwarded, smsFollowUp: false, missedCallText: true } };
  const of = (facts: Record<string, unknown>) => {
    const call = storedCall({ ...wanted, ...facts });
    const given = { optedOut: false, platform: service, quietHours: 'deferred' } as const;
    return judged(call, given, new Date(callStart));
  };

  test.each([
    ['missed', { 'dial_no-answer': dial(), status_completed: leg(20) }],
    ['busy', { dial_busy: dial(), status_completed: leg(20) }],
    ['abandoned', { 'status_no-answer': leg() }],
    ['with a voicemail', { voicemail: voicemail(9) }],
  ])('is followed up by a word where the DJ wants that: %s', (_what, facts) => {
    expect(of(facts)).toMatchObject({ kind: 'missed-call' });
  });

  test('waits for the day even right after the call, unlike the payment link', () => {
    const night = new Date('2026-03-03T04:00:00.000Z');
    const facts = {
      'dial_no-answer': dial(undefined, night.toISOString()),
      status_completed: leg(20, night.toISOString()),
    };
    expect(decide({ ...wanted, dial_completed: undefined, ...facts }, { now: night })).toEqual({
      defer: true,
    });
    const talked = {
      dial_completed: dial(95, night.toISOString()),
      status_completed: leg(99, night.toISOString()),
    };
    expect(decide(talked, { now: night })).toMatchObject({ kind: 'payment-link' });
    expect(decide(talked, { now: night, quietHours: 'all' })).toEqual({ defer: true });
  });

  test('and whose caller is blocked or reached nobody is not', () => {
    const blocked = { kind: 'blocked', djProfileId: 'dj-ben', by: 'dj', timeZone: 'UTC' };
    expect(decide({ routing: blocked, dial_completed: undefined })).toEqual({ skip: 'no-conversation' });
  });
});

test('a call that is taken for spam is not texted', () => {
  const caller = {
    callsInHour: 30,
    talksInDay: 0,
    shortInDay: 30,
    talksBefore: 0,
    blockedByDjs: 0,
    forged: false,
  };
  expect(decide({ caller, dial_completed: dial(30) })).toEqual({ skip: 'spam' });
});
