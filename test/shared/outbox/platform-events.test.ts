import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messagesOf } from '#shared/outbox/relay.ts';
import type { Payment } from '#shared/payments/payment.ts';
import { eventIdOf } from '#shared/platform-events/event.ts';
import { callItem, dial, forwarded, leg, voicemail } from '#test/shared/calls/stored-call.ts';

type Image = Record<string, unknown> | undefined;

function eventsOf(before: Image, after: Image) {
  return messagesOf(before, after).flatMap((message) => (message.queue === 'events' ? [message.body] : []));
}
const typesOf = (before: Image, after: Image) => eventsOf(before, after).map(({ type }) => type);

describe('a call', () => {
  const answered = { dial_completed: dial(95) };
  const missed = { 'dial_no-answer': dial(), status_completed: leg(20) };
  const message = { ...missed, voicemail: voicemail(9) };

  test('that the DJ took is told once it is over', () => {
    expect(eventsOf(callItem(), callItem(answered))).toEqual([
      {
        type: 'call.completed',
        fact: 'call.completed',
        entity: callItem().id,
        at: callItem().updatedAt,
      },
    ]);
    expect(eventsOf(callItem(answered), callItem({ ...answered, paidCents: 5000 }))).toEqual([]);
    expect(eventsOf(undefined, callItem())).toEqual([]);
  });

  test('that the DJ did not take is told as missed too', () => {
    expect(typesOf(callItem(), callItem(missed))).toEqual(['call.completed', 'call.missed']);
  });

  test('with a voicemail is missed, whichever is known first', () => {
    expect(typesOf(callItem(), callItem(message))).toEqual([
      'call.completed',
      'call.missed',
      'voicemail.received',
    ]);
    expect(typesOf(callItem(missed), callItem(message))).toEqual(['voicemail.received']);
    const written = { ...message, transcription: { at: 'T', text: 'Hello' } };
    expect(typesOf(callItem(message), callItem(written))).toEqual(['voicemail.transcribed']);
  });

  test('is told once its caller is forgotten, also when it was logged by hand', () => {
    const forgotten = { ...answered, forgottenAt: 'T', callerNumber: 'hash:1' };
    expect(typesOf(callItem(answered), callItem(forgotten))).toEqual(['caller.forgotten']);
    expect(typesOf(callItem(forgotten), callItem({ ...forgotten, paidCents: 5000 }))).toEqual([]);
    const logged = { source: 'api', routing: undefined, callSid: undefined };
    expect(typesOf(callItem(logged), callItem({ ...logged, forgottenAt: 'T' }))).toEqual([
      'caller.forgotten',
    ]);
    expect(typesOf(callItem(answered), callItem({ ...answered, forgettingAt: 'T' }))).toEqual([]);
  });

  test('without a word after the beep left no voicemail', () => {
    expect(typesOf(callItem(missed), callItem({ ...missed, voicemail: voicemail(0) }))).toEqual([]);
  });

  const caller = {
    callsInHour: 12,
    talksInDay: 0,
    shortInDay: 0,
    talksBefore: 0,
    blockedByDjs: 0,
    forged: false,
  };
  test.each([
    ['spam', { ...missed, caller }],
    [
      'blocked',
      { routing: { kind: 'blocked', djProfileId: 'dj-ben', by: 'dj', timeZone: 'America/Chicago' } },
    ],
    [
      'misdirected',
      {
        status_completed: leg(5),
        djProfileId: undefined,
        routing: { kind: 'misdirected', djProfileId: null, timeZone: 'America/Chicago' },
      },
    ],
  ])('that is %s is told, but not as missed', (_what, facts) => {
    expect(typesOf(undefined, callItem(facts))).toEqual(['call.completed']);
  });

  test('that the platform logged itself is not told', () => {
    const logged = {
      source: 'api',
      callSid: undefined,
      routing: undefined,
      reported_callStatus: 'no-answer',
    };
    expect(eventsOf(undefined, callItem(logged))).toEqual([]);
  });

  test('is told by the same events in whatever order its facts come and however often its changes are read', () => {
    const bare = { incomingAt: undefined, routing: undefined, djProfileId: undefined };
    const facts: Record<string, unknown>[] = [
      { incomingAt: '2026-03-02T18:00:00.000Z', routing: forwarded, djProfileId: 'dj-ben' },
      { status_ringing: leg() },
      { status_completed: leg(40) },
      { 'dial_no-answer': dial() },
      { voicemail: voicemail(9) },
      { transcription: { at: 'T', text: 'Hello' } },
      { reported_notes: 'wedding' },
    ];
    const orders = fc.record({
      order: fc.shuffledSubarray(facts, { minLength: facts.length }),
      again: fc.array(fc.nat(facts.length - 1), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(orders, ({ order, again }) => {
        const images: Image[] = [undefined];
        let image = callItem(bare);
        for (const fact of order) images.push((image = { ...image, ...fact }));
        const changes = order.map((_fact, n) => [images[n], images[n + 1]] as const);
        const read = [...changes, ...again.flatMap((n) => changes.slice(n, n + 1))];
        const ids = read.flatMap(([before, after]) =>
          eventsOf(before, after).map(({ entity, fact }) => eventIdOf(entity, fact)),
        );
        const expected = ['call.completed', 'call.missed', 'voicemail.received', 'voicemail.transcribed'].map(
          (fact) => eventIdOf(String(callItem().id), fact),
        );
        expect([...new Set(ids)].toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 300 },
    );
  });
});

describe('a payment', () => {
  const at = '2026-03-02T18:00:00.000Z';
  const payment = (revision: number, booked: Partial<Payment['booked']>, over: Partial<Payment> = {}) => ({
    entity: 'payment',
    sk: 'PAYMENT',
    record: {
      paymentId: 'pay_1',
      revision,
      currency: 'usd',
      djProfileId: 'dj-ben',
      callId: 'call_1',
      named: { callId: 'call_1', sessionId: null },
      booked: { grossCents: 0, refundedCents: 0, disputedCents: 0, ...booked },
      reason: null,
      assignedBy: null,
      createdAt: at,
      updatedAt: at,
      ...over,
    },
  });
  const amounts = (before: Image, after: Image) =>
    eventsOf(before, after).map((body) => [body.type, 'amountCents' in body && body.amountCents]);
  const paid = payment(1, { grossCents: 5000 });

  test('is told when it is received, and no more when it is told again', () => {
    expect(eventsOf(undefined, paid)).toEqual([
      { type: 'payment.received', fact: 'payment.received', entity: 'pay_1', at, amountCents: 5000 },
    ]);
    expect(eventsOf(paid, payment(2, { grossCents: 5000 }))).toEqual([]);
  });

  test('is told with each refund and dispute by itself', () => {
    const first = payment(2, { grossCents: 5000, refundedCents: 1000 });
    const second = payment(3, { grossCents: 5000, refundedCents: 1500 });
    expect(amounts(paid, first)).toEqual([['payment.refunded', 1000]]);
    expect(amounts(first, second)).toEqual([['payment.refunded', 500]]);
    const facts = [...eventsOf(paid, first), ...eventsOf(first, second)].map(({ fact }) => fact);
    expect(new Set(facts).size).toBe(2);
    const disputed = payment(4, { grossCents: 5000, refundedCents: 1500, disputedCents: 3500 });
    expect(amounts(second, disputed)).toEqual([['payment.disputed', 3500]]);
    expect(amounts(disputed, payment(5, { grossCents: 5000, refundedCents: 1500 }))).toEqual([]);
  });

  test('whose refund came first is told with it', () => {
    expect(amounts(payment(1, {}), payment(2, { grossCents: 5000, refundedCents: 1000 }))).toEqual([
      ['payment.received', 5000],
      ['payment.refunded', 1000],
    ]);
  });

  test('in suspense is told at once, and again when it is known whose it is', () => {
    const nobodys = payment(1, { grossCents: 5000 }, { djProfileId: null, callId: null });
    expect(amounts(undefined, nobodys)).toEqual([['payment.received', 5000]]);
    expect(amounts(nobodys, payment(2, { grossCents: 5000 }))).toEqual([['payment.assigned', 5000]]);
  });

  test('whose dispute is closed is told with the outcome, under whatever id TipJar tells it', () => {
    const closed = (eventId: string, type = 'payment.dispute_closed') => ({
      entity: 'payment-event',
      sk: `EVENT#${eventId}`,
      createdAt: at,
      event: { eventId, type, happenedAt: at, paymentId: 'pay_1', outcome: 'lost', amountCents: 3500 },
    });
    const [told] = eventsOf(undefined, closed('a'));
    expect(told).toMatchObject({ type: 'payment.dispute_closed', outcome: 'lost', amountCents: 3500 });
    expect(eventsOf(undefined, closed('b'))[0]?.fact).toBe(told?.fact);
    expect(eventsOf(undefined, closed('c', 'payment.refunded'))).toEqual([]);
    expect(eventsOf(closed('a'), closed('a'))).toEqual([]);
  });
});

describe('a number', () => {
  const change = (from: string | null, to: string, over: object = {}) => ({
    entity: 'number-history',
    sk: 'HISTORY#T#000004',
    phoneNumber: '+19015550100',
    numberId: 'num_1',
    at: '2026-03-02T18:00:00.000Z',
    from,
    to,
    ...over,
  });

  test.each([
    ['available', 'assigned', ['number.assigned']],
    ['cooling', 'assigned', ['number.assigned']],
    ['assigned', 'assigned', ['number.updated']],
    ['assigned', 'cooling', ['number.deactivated']],
    ['cooling', 'available', ['number.freed']],
    ['releasing', 'released', ['number.released']],
    [null, 'purchasing', []],
    ['purchasing', 'available', []],
    ['cooling', 'cooling', []],
    ['available', 'releasing', []],
  ])('that goes from %s to %s', (from, to, types) => {
    expect(typesOf(undefined, change(from, to))).toEqual(types);
  });

  test('is told by the entry of its history, once', () => {
    const entry = change('available', 'assigned');
    expect(eventsOf(undefined, entry)).toEqual([
      {
        type: 'number.assigned',
        entity: 'num_1',
        fact: 'HISTORY#T#000004',
        at: '2026-03-02T18:00:00.000Z',
        change: { phoneNumber: '+19015550100', historyKey: 'HISTORY#T#000004' },
      },
    ]);
    expect(eventsOf(entry, { ...entry, notice: { status: 'sent' } })).toEqual([]);
    expect(eventsOf(undefined, change('available', 'assigned', { numberId: undefined }))).toEqual([]);
  });
});
