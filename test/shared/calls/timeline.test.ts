import { expect, test } from 'vitest';
import { skipReasons } from '#shared/calls/fields.ts';
import { timelineOf } from '#shared/calls/timeline.ts';
import type { ClickId, MessageSid, OwnerId, SessionId } from '#shared/id.ts';
import { dial, forwarded, leg, storedCall, voicemail } from './stored-call.ts';

const at = (minute: number) => `2026-03-02T18:${String(minute).padStart(2, '0')}:00.000Z`;

test('a paid call is told in its order, whatever order its facts stand in', () => {
  const call = storedCall({
    lastPaidAt: at(9),
    paidCents: 5000,
    cutCents: 750,
    delivery_delivered: { at: at(6), errorCode: null },
    status_completed: leg(101, at(3)),
    dial_completed: dial(95, at(2)),
    followUp: { status: 'sent', at: at(5), claimedAt: at(4), messageSid: 'SM1' as MessageSid },
    session: { id: 's' as SessionId, url: 'https://pay.example.com/s', at: at(4) },
    incomingAt: at(1),
  });
  expect(timelineOf(call)).toEqual([
    { at: at(1), what: "The call came in and was forwarded to the DJ's phone ending in 0111" },
    { at: at(2), what: 'Caller and DJ were connected and talked for 95 s' },
    { at: at(3), what: "Twilio reported the caller's leg as completed after 101 s" },
    { at: at(3), what: 'The lead is hot: has paid' },
    { at: at(4), what: 'A payment link was created' },
    {
      at: at(5),
      what: 'The payment link was texted to the caller, who had called and has not opted out',
    },
    { at: at(6), what: 'The text message was delivered' },
    { at: at(9), what: 'Paid 50.00, of which the platform keeps 7.50' },
  ]);
});

test('a voicemail, a delivery that failed and a closed call are told', () => {
  const call = storedCall({
    incomingAt: undefined,
    'dial_no-answer': dial(undefined, at(2)),
    voicemail: voicemail(12, at(3)),
    transcription: { at: at(4), text: 'Hello' },
    followUp: { status: 'failed', at: at(5), detail: 'Twilio refused it (30007): filtered' },
    delivery_undelivered: { at: at(6), errorCode: '30034' },
    sweptAt: at(7),
  });
  expect(timelineOf(call).map(({ what }) => what)).toEqual([
    "The DJ's phone was not reached: no-answer",
    'The caller left a voicemail of 12 s',
    'The lead is warm: left a voicemail',
    'The voicemail was transcribed',
    'The caller could not be texted: Twilio refused it (30007): filtered',
    'The text message was undelivered (error 30034)',
    'Nothing more was reported about the call; it was closed',
  ]);
});

test('attempts to text the caller that failed are told, and those that followed', () => {
  const call = storedCall({
    incomingAt: undefined,
    textAttempts: [
      { at: at(1), code: 'TWILIO_BUSY' },
      { at: at(2) },
      { at: at(3), code: 'TWILIO_REFUSED', twilioCode: 21610 },
      { at: at(5), code: 'A_CODE_OF_ANOTHER_RELEASE' },
    ],
    followUp: { status: 'skipped', at: at(6), reason: 'opted-out' },
  });
  expect(timelineOf(call)).toEqual([
    {
      at: at(1),
      what: 'An attempt to text the caller failed: Twilio has too many requests at once; try again later (TWILIO_BUSY)',
    },
    { at: at(2), what: 'Another attempt to text the caller began' },
    {
      at: at(3),
      what: 'An attempt to text the caller failed: Twilio refused the request (TWILIO_REFUSED, error 21610)',
    },
    { at: at(5), what: 'An attempt to text the caller failed: (A_CODE_OF_ANOTHER_RELEASE)' },
    { at: at(6), what: 'The caller was not texted: the caller opted out of texts' },
  ]);
});

test('screening and recording are told', () => {
  const call = storedCall({
    routing: { ...forwarded, screened: true, recorded: true },
    incomingAt: at(1),
    accepted: { at: at(2) },
    dial_completed: dial(95, at(3)),
    recording: voicemail(95, at(4)),
  });
  expect(timelineOf(call).map(({ what }) => what)).toEqual([
    "The call came in and was forwarded to the DJ's phone ending in 0111, where the DJ is asked to press 1. The caller was told that the call is being recorded",
    "Somebody pressed 1 on the DJ's phone to take the call",
    'Caller and DJ were connected and talked for 95 s',
    'The lead is hot: talked for 95 s',
    'The conversation was recorded: 95 s',
  ]);
});

test('a call that nobody took with 1 says so', () => {
  const call = storedCall({
    routing: { ...forwarded, screened: true },
    dial_completed: dial(undefined, at(3)),
  });
  expect(timelineOf(call).at(-1)?.what).toBe(
    "The DJ's phone was answered, but nobody pressed 1 to take the call",
  );
});

test.each(skipReasons)('the reason %s is said in plain words', (reason) => {
  const [, entry] = timelineOf(storedCall({ followUp: { status: 'skipped', at: at(5), reason } }));
  expect(entry?.what).toMatch(/^The caller was not texted: [a-z].{15,}/);
});

test("the DJ's number is not told but for its last digits", () => {
  expect(JSON.stringify(timelineOf(storedCall()))).not.toContain('+1901555');
});

test('what is judged and decided is told: spam, a click, a text that waits, money that went back', () => {
  const click = {
    id: 'clk_1',
    djProfileId: 'dj-ben' as OwnerId,
    at: at(0),
    pageUrl: 'https://djdash.example.com/ben',
    confidence: 0.7,
  };
  const call = storedCall({
    caller: { callsInHour: 12, talksInDay: 0, shortInDay: 0, talksBefore: 0, blockedByDjs: 0, forged: false },
    attribution: {
      clickId: 'clk_1',
      at: at(0),
      candidates: [click, { ...click, id: 'clk_2', confidence: 0.3 }],
    },
    incomingAt: at(1),
    dial_completed: dial(30, at(2)),
    deferredAt: at(3),
  });
  const told = (given: typeof call) =>
    timelineOf(given)
      .map(({ what }) => what)
      .join('\n');
  expect(told(call)).toMatch(/on https:\S+: with a confidence of 0.7, as the nearest of 2 clicks/);
  const second = {
    ...call,
    attribution: call.attribution && { ...call.attribution, clickId: 'clk_2' as ClickId },
  };
  expect(told(second)).toMatch(/with a confidence of 0.3, as the nearest one left of 2 clicks/);
  const flooded = {
    ...call,
    attribution: call.attribution && { ...call.attribution, unlisted: 5, unread: true },
  };
  expect(told(flooded)).toMatch(/the nearest of more than 7 clicks/);
  expect(told(call)).toMatch(/counts as spam and is left out of the figures: 12 calls in the hour before/);
  expect(told(call)).toMatch(/It was night where the caller is/);
  const blocked = storedCall({
    routing: { kind: 'blocked', djProfileId: 'dj-ben' as OwnerId, by: 'platform', timeZone: 'UTC' },
  });
  expect(told(blocked)).toMatch(/^The caller is blocked by the platform: they heard a busy signal$/);
  const refunded = { lastPaidAt: at(9), paidCents: 5000, refundedCents: 2000, cutCents: 450 };
  expect(told(storedCall({ ...refunded, dial_completed: dial(95, at(2)) }))).toMatch(
    /Paid 50.00, of which 20.00 was refunded; of the remaining 30.00 the platform keeps 4.50/,
  );
});

test('a call that was turned away, or cut short as spam, says why', () => {
  const first = (routing: object) => timelineOf(storedCall({ incomingAt: at(1), routing }))[0]?.what;
  const blocked = { kind: 'blocked', djProfileId: 'dj-ben' as OwnerId, timeZone: 'America/Chicago' };
  expect(first({ ...blocked, by: 'limit' })).toBe(
    'The caller had reached the daily limit of calls to this DJ: they heard a busy signal',
  );
  expect(first({ ...blocked, by: 'dj' })).toMatch(/^The caller is blocked by the DJ: /);
  expect(first({ ...forwarded, suspicious: true })).toMatch(
    /looked like spam: not recorded, and voicemail kept short$/,
  );
});
