import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messagesOf as relayed } from '#shared/outbox/relay.ts';
import { callItem, dial, forwarded, leg, voicemail } from '#test/shared/calls/stored-call.ts';

const finished = { dial_completed: dial(95) };
/** What the platform is told has tests of its own. */
const messagesOf = (...images: Parameters<typeof relayed>) =>
  relayed(...images).filter(({ queue }) => queue !== 'events');
const callId = callItem().id as string;
const followUp = { queue: 'followUps', body: { callId } };
const count = { queue: 'callFacts', body: { callId } };
const attribute = { queue: 'attributions', body: { callId } };

test('a call that ends is followed up and counted', () => {
  expect(messagesOf(callItem(), callItem(finished))).toEqual([followUp, count]);
  expect(messagesOf(undefined, callItem(finished))).toEqual([followUp, count, attribute]);
});

test('a call of which nobody knows yet whose it is waits until that is known', () => {
  const orphan = { ...finished, incomingAt: undefined, routing: undefined, djProfileId: undefined };
  expect(messagesOf(undefined, callItem(orphan))).toEqual([]);
  expect(messagesOf(callItem(orphan), callItem(finished))).toEqual([followUp, count, attribute]);
});

test('a call that is put through asks once which click it came from, a click which call it led to', () => {
  expect(messagesOf(undefined, callItem())).toEqual([attribute]);
  expect(messagesOf(callItem(), callItem({ caller: undefined }))).toEqual([]);
  const nobody = { kind: 'misdirected', djProfileId: null, timeZone: 'UTC' };
  expect(messagesOf(undefined, callItem({ routing: nobody, djProfileId: undefined }))).toEqual([]);
  const record = { id: 'clk_1', djProfileId: 'dj-ben', at: 'T', pageUrl: 'https://djdash.example.com' };
  const click = { entity: 'click', sk: 'T#clk_1', record };
  expect(messagesOf(undefined, click)).toEqual([
    { queue: 'attributions', body: { djProfileId: 'dj-ben', clickedAt: 'T' } },
  ]);
  expect(messagesOf(click, { ...click, claimedBy: callId })).toEqual([]);
});

test('a call that lost its click asks anew, and so does a click that a call let go of', () => {
  const candidate = { id: 'clk_1', djProfileId: 'dj-ben', at: 'T', pageUrl: 'https://djdash.example.com' };
  const attribution = { clickId: 'clk_1', at: 'T', candidates: [{ ...candidate, confidence: 1 }] };
  expect(messagesOf(callItem({ attribution }), callItem())).toEqual([attribute]);
  expect(messagesOf(callItem(), callItem({ attribution }))).toEqual([]);
  const click = { entity: 'click', sk: 'T#clk_1', record: candidate };
  expect(messagesOf({ ...click, claimedBy: callId }, click)).toEqual([
    { queue: 'attributions', body: { djProfileId: 'dj-ben', clickedAt: 'T' } },
  ]);
  expect(messagesOf({ ...click, claimedBy: callId }, { ...click, claimedBy: 'call_2' })).toEqual([]);
});

test('an item that a restore puts back sends nothing, what happens to it later does', () => {
  const putBack = callItem({ ...finished, writeId: 'put-back#1' });
  expect(relayed(undefined, putBack)).toEqual([]);
  expect(relayed(callItem({ writeId: 'another' }), putBack)).toEqual([]);
  expect(relayed(callItem({ writeId: 'put-back#1' }), putBack)).not.toEqual([]);
  expect(relayed(callItem({ writeId: 'put-back#1' }), callItem(finished))).not.toEqual([]);
});

test('a call that goes on sends nothing', () => {
  expect(messagesOf(callItem(), callItem({ status_ringing: leg() }))).toEqual([]);
});

test('a payment or a text that went out is counted, and not followed up again', () => {
  const sent = { ...finished, followUp: { status: 'sent', at: 'T' } };
  expect(messagesOf(callItem(finished), callItem(sent))).toEqual([count]);
  expect(
    messagesOf(callItem(sent), callItem({ ...sent, paidCents: 5000, cutCents: 750, paymentCount: 1 })),
  ).toEqual([count]);
});

test('a change that no counter knows sends nothing', () => {
  const claimed = { ...finished, followUp: { status: 'claimed', at: 'T', claimedAt: 'T', leaseUntil: 'T' } };
  expect(messagesOf(callItem(finished), callItem(claimed))).toEqual([]);
  expect(
    messagesOf(callItem(finished), callItem({ ...finished, updatedAt: '2026-03-02T19:00:00.000Z' })),
  ).toEqual([]);
});

test('a call logged by hand is counted and never texted', () => {
  const logged = callItem({
    source: 'api',
    callSid: undefined,
    routing: undefined,
    reported_durationSeconds: 300,
    reported_callStatus: 'completed',
  });
  expect(messagesOf(undefined, logged)).toEqual([count]);
});

test.each([
  ['a number', { entity: 'number', sk: 'NUMBER' }],
  ['what of a call was counted', { entity: 'counted', sk: 'COUNTED' }],
  ['an item of a shape we do not know', { entity: 'call', sk: 'OTHER' }],
])('a change of %s sends nothing', (_what, image) => {
  expect(messagesOf(undefined, image)).toEqual([]);
  expect(messagesOf(callItem(finished), undefined)).toEqual([]);
});

const facts: Record<string, unknown>[] = [
  { status_ringing: leg() },
  { status_completed: leg(101) },
  { 'status_no-answer': leg() },
  { 'dial_no-answer': dial() },
  { dial_completed: dial(95) },
  { voicemail: voicemail(0) },
  { transcription: { at: 'T', text: 'Hello' } },
  { incomingAt: '2026-03-02T18:00:00.000Z', routing: forwarded, djProfileId: 'dj-ben' },
  { paidCents: 5000, cutCents: 750, paymentCount: 1 },
  { reported_notes: 'wedding' },
  { sweptAt: '2026-03-02T23:00:00.000Z' },
];

test('the same change always sends the same, and a finish is followed up exactly once whatever comes in what order', () => {
  const bare = { incomingAt: undefined, routing: undefined, djProfileId: undefined };
  const order = fc.shuffledSubarray(facts).map((chosen) => {
    const images: Record<string, unknown>[] = [];
    let image = callItem(bare);
    for (const fact of chosen) images.push((image = { ...image, ...fact }));
    return images;
  });
  fc.assert(
    fc.property(order, (images) => {
      let before: Record<string, unknown> | undefined;
      let followUps = 0;
      for (const after of images) {
        const messages = messagesOf(before, after);
        expect(messagesOf(before, after)).toEqual(messages);
        expect(messages.length).toBe(new Set(messages.map(({ queue }) => queue)).size);
        followUps += messages.filter(({ queue }) => queue === 'followUps').length;
        before = after;
      }
      const last = images.at(-1);
      const over =
        last !== undefined && messagesOf(undefined, last).some(({ queue }) => queue === 'followUps');
      expect(followUps).toBe(over ? 1 : 0);
    }),
    { numRuns: 500 },
  );
});

describe('an order', () => {
  const order = (status: string, attempts: number) => ({
    entity: 'order',
    sk: 'ORDER',
    record: {
      id: 'ord_1',
      count: 30,
      areaCode: null,
      actor: 'admin:tests',
      status,
      attempts,
      reason: null,
      createdAt: 'T',
      updatedAt: 'T',
      finishedAt: null,
    },
  });
  const start = { queue: 'orders', body: { orderId: 'ord_1' } };

  test('starts a worker when it is placed and when it is taken up again, and at no other time', () => {
    expect(messagesOf(undefined, order('queued', 0))).toEqual([start]);
    expect(messagesOf(order('queued', 0), order('running', 1))).toEqual([]);
    expect(messagesOf(order('running', 1), order('queued', 2))).toEqual([start]);
    expect(messagesOf(order('running', 1), order('done', 1))).toEqual([]);
  });
});

describe('a change of a number', () => {
  const change = (formerRealPhoneNumber: string | null) => ({
    entity: 'number-history',
    sk: 'HISTORY#T#000004',
    phoneNumber: '+19015550100',
    formerRealPhoneNumber,
  });

  test('is told to the former target, once', () => {
    const changed = change('+16155550111');
    expect(messagesOf(undefined, changed)).toEqual([
      { queue: 'notices', body: { phoneNumber: '+19015550100', historyKey: 'HISTORY#T#000004' } },
    ]);
    expect(messagesOf(changed, { ...changed, notice: { status: 'sent' } })).toEqual([]);
  });

  test('of anything else is told to nobody', () => {
    expect(messagesOf(undefined, change(null))).toEqual([]);
  });
});

describe('a text that carriers refuse', () => {
  const delivered = (errorCode: string | null) =>
    callItem({ ...finished, delivery_undelivered: { at: 'T', errorCode, from: '+19015550100' } });

  test.each(['30034', '30032'])('with %s takes the number its texts, once', (code) => {
    expect(messagesOf(callItem(finished), delivered(code))).toEqual([
      { queue: 'refusals', body: { phoneNumber: '+19015550100', code } },
    ]);
    expect(messagesOf(delivered(code), delivered(code))).toEqual([]);
  });

  test.each(['30006', null])('with %s says nothing of the number', (code) => {
    expect(messagesOf(callItem(finished), delivered(code))).toEqual([]);
  });
});

describe('a recording', () => {
  const copy = (kind: string) => ({ queue: 'recordings', body: { callId, kind } });
  const sent = (before: Record<string, unknown> | undefined, after: Record<string, unknown>) =>
    messagesOf(before, after).filter(({ queue }) => queue === 'recordings');

  test('is copied when Twilio tells of it first, and not again', () => {
    const recorded = callItem({ recording: voicemail(95) });
    expect(sent(callItem(), recorded)).toEqual([copy('call')]);
    expect(sent(undefined, recorded)).toEqual([copy('call')]);
    const both = callItem({ recording: voicemail(95), voicemail: voicemail(9) });
    expect(sent(recorded, both)).toEqual([copy('voicemail')]);
    expect(sent(both, { ...both, updatedAt: 'later' })).toEqual([]);
  });

  test('without a word is not', () => {
    expect(sent(callItem(), callItem({ voicemail: voicemail(0) }))).toEqual([]);
  });
});

test('an export starts a worker when it is asked for, and at no other time', () => {
  const wanted = (status: string, attempts: number) => ({
    entity: 'export',
    sk: 'EXPORT',
    record: {
      id: 'exp_1',
      djProfileId: 'dj-ben',
      from: '0000',
      to: '9999',
      callStatus: null,
      leadScore: null,
      isBooked: null,
      actor: 'dj:ben',
      status,
      attempts,
      leaseUntil: null,
      rows: null,
      reason: null,
      createdAt: 'T',
      updatedAt: 'T',
    },
  });
  expect(messagesOf(undefined, wanted('queued', 0))).toEqual([
    { queue: 'exports', body: { exportId: 'exp_1' } },
  ]);
  expect(messagesOf(wanted('queued', 0), wanted('running', 1))).toEqual([]);
  expect(messagesOf(wanted('running', 1), wanted('queued', 1))).toEqual([]);
});
