import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import {
  type CallId,
  callIdOf,
  type DjProfileId,
  type OwnerId,
  type PaymentEventId,
  type PaymentId,
  type SessionId,
} from '#shared/id.ts';
import type { Entry } from '#shared/ledger/entry.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { balancesOf } from '#shared/ledger/transfer.ts';
import { cutCents } from '#shared/money.ts';
import { assignPayment } from '#shared/payments/assign-payment.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { matchPayments } from '#shared/payments/match-payments.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { payoutCsv, payoutOf } from '#shared/payments/payout.ts';
import { netOf, type PaymentEvent, positionOf } from '#shared/payments/position.ts';
import { revenueOf } from '#shared/payments/revenue.ts';
import type { Table } from '#shared/table/client.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

let table: Table;
const now = new Date('2026-03-02T18:00:00.000Z');
const callId = callIdOf(callRef(1).callSid);
const deps = (at = now) => ({
  payments: paymentRepository(table),
  ledger: ledgerRepository(table),
  lines: oldLines(table),
  now: () => at,
});
const book = (event: PaymentEvent, at = now) => bookPayment(deps(at), event);
const payment = (more: Partial<PaymentEvent> = {}): PaymentEvent => ({
  eventId: 'evt_1' as PaymentEventId,
  type: 'payment.succeeded',
  happenedAt: now.toISOString(),
  paymentId: 'pay_1' as PaymentId,
  sessionId: undefined,
  callId,
  refundId: undefined,
  outcome: undefined,
  amountCents: 5000,
  currency: 'usd',
  ...more,
});
const refund = (amountCents: number, more: Partial<PaymentEvent> = {}) =>
  payment({
    eventId: `evt_r${amountCents}` as PaymentEventId,
    type: 'payment.refunded',
    amountCents,
    ...more,
  });

beforeEach(async () => {
  table = await openTable();
  await callFacts(table).incoming(callRef(1), now, forwarded);
});

async function ledger(month = '2026-03'): Promise<Entry[]> {
  const accounts = ['suspense', 'dj:dj-ben'];
  return (
    await Promise.all(accounts.map((account) => ledgerRepository(table).entries(account, month)))
  ).flat();
}
/** What TipJar owes us, and what the others are owed by us (negative); those of zero left out. */
async function balances(): Promise<Record<string, number>> {
  const sums = balancesOf((await ledger()).flatMap(({ transfers }) => transfers));
  return Object.fromEntries(
    [...sums].filter(([, cents]) => cents !== 0).map(([account, cents]) => [account, -cents]),
  );
}
const call = () => callRepository(table).find(callId);
const unmatched = async () => (await paymentRepository(table).unmatched('something', 100)).payments;
async function keepSession(): Promise<void> {
  const session = { id: 'ses_1' as SessionId, url: 'https://pay.example.com/1' };
  await followUpRepository(table).noteSession({ id: callId, djProfileId: 'dj-ben' as OwnerId }, session, now);
}

describe('a payment for a call', () => {
  test('is booked to it: totals, ledger and payment', async () => {
    expect(await book(payment())).toBe('booked');
    expect(await call()).toMatchObject({
      paidCents: 5000,
      cutCents: 750,
      paymentCount: 1,
      lastPaidAt: now.toISOString(),
    });
    expect(await balances()).toEqual({ tipjar: 5000, platform: -750, 'dj:dj-ben': -4250 });
    expect((await deps().payments.find('pay_1' as PaymentId)).payment).toMatchObject({
      callId,
      djProfileId: 'dj-ben' as DjProfileId,
      booked: { grossCents: 5000, refundedCents: 0, disputedCents: 0 },
    });
  });

  test.each([
    ['its session', { callId: undefined, sessionId: 'ses_1' as SessionId }],
    [
      'its session when the call it names is unknown',
      { callId: 'call_unknown' as CallId, sessionId: 'ses_1' as SessionId },
    ],
  ])('is found by %s', async (_what, more) => {
    await keepSession();
    expect(await book(payment(more))).toBe('booked');
    expect(await call()).toMatchObject({ paidCents: 5000 });
  });

  test('told of twice, eleven minutes apart, is booked once', async () => {
    await book(payment());
    expect(await book(payment(), new Date('2026-03-02T18:11:00Z'))).toBe('duplicate');
    expect(await call()).toMatchObject({ paidCents: 5000, paymentCount: 1, lastPaidAt: now.toISOString() });
    expect(await ledger()).toHaveLength(1);
  });

  test('told of under another event id is booked once', async () => {
    await book(payment());
    expect(await book(payment({ eventId: 'evt_2' as PaymentEventId }))).toBe('duplicate');
    expect(await ledger()).toHaveLength(1);
  });

  test('told of again with another amount stays what it was', async () => {
    await book(payment());
    for (const more of [{ amountCents: 7000 }, { currency: 'eur' }])
      expect(await book(payment({ eventId: `evt_${Object.keys(more)[0]}` as PaymentEventId, ...more }))).toBe(
        'duplicate',
      );
    expect(await balances()).toMatchObject({ tipjar: 5000 });
  });

  test('told of many times at the same moment is booked once', async () => {
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        book(payment({ eventId: `evt_${index % 2}` as PaymentEventId })),
      ),
    );
    expect(results.filter((result) => result === 'booked')).toHaveLength(1);
    expect(await call()).toMatchObject({ paidCents: 5000, paymentCount: 1 });
  });

  test('adds to those before it', async () => {
    await book(payment());
    await book(
      payment({ eventId: 'evt_2' as PaymentEventId, paymentId: 'pay_2' as PaymentId, amountCents: 1010 }),
    );
    expect(await call()).toMatchObject({ paidCents: 6010, cutCents: 750 + 152, paymentCount: 2 });
  });
});

describe('a refund', () => {
  test('in parts takes back what it is of each share', async () => {
    await book(payment());
    expect(await book(refund(1001))).toBe('booked');
    expect(await book(refund(999))).toBe('booked');
    expect(await balances()).toEqual({ tipjar: 3000, platform: -450, 'dj:dj-ben': -2550 });
    expect(await call()).toMatchObject({
      paidCents: 5000,
      refundedCents: 2000,
      cutCents: 450,
      paymentCount: 1,
    });
  });

  test('that comes before its payment waits for it', async () => {
    expect(await book(refund(2000))).toBe('kept');
    expect(await ledger()).toEqual([]);
    expect(await book(payment())).toBe('booked');
    expect(await balances()).toEqual({ tipjar: 3000, platform: -450, 'dj:dj-ben': -2550 });
    expect(await call()).toMatchObject({ paidCents: 5000, refundedCents: 2000, cutCents: 450 });
  });

  test('of all leaves nothing, and a second one changes nothing', async () => {
    await book(payment());
    expect(await book(refund(5000))).toBe('booked');
    expect(await balances()).toEqual({});
    expect(await book(refund(1))).toBe('kept');
    expect(await call()).toMatchObject({ paidCents: 5000, refundedCents: 5000, cutCents: 0 });
  });
});

describe('a dispute', () => {
  const dispute = (more: Partial<PaymentEvent> = {}) =>
    payment({
      eventId: 'evt_d' as PaymentEventId,
      type: 'payment.disputed',
      happenedAt: '2026-03-03T00:00:00.000Z',
      ...more,
    });
  const closed = (outcome: 'won' | 'lost') =>
    dispute({
      eventId: 'evt_c' as PaymentEventId,
      type: 'payment.dispute_closed',
      happenedAt: '2026-03-09T00:00:00.000Z',
      outcome,
    });

  test('takes the money back, and gives it back when it is won', async () => {
    await book(payment());
    expect(await book(dispute())).toBe('booked');
    expect(await balances()).toEqual({});
    expect(await book(closed('won'))).toBe('booked');
    expect(await balances()).toEqual({ tipjar: 5000, platform: -750, 'dj:dj-ben': -4250 });
    expect(await call()).toMatchObject({ refundedCents: 0, cutCents: 750 });
  });

  test('that is lost stays taken back, in whatever order it is told', async () => {
    await book(closed('lost'));
    await book(dispute());
    await book(payment());
    expect(await balances()).toEqual({});
    expect(await call()).toMatchObject({ paidCents: 5000, refundedCents: 5000 });
  });
});

describe('money that belongs to no call', () => {
  test.each([
    ['names an unknown call', { callId: 'call_unknown' as CallId }],
    ['names an unknown session', { callId: undefined, sessionId: 'ses_x' as SessionId }],
    ['names nothing', { callId: undefined }],
    ['is in another currency', { currency: 'eur' }],
  ])('because it %s goes to suspense and is listed', async (_what, more) => {
    expect(await book(payment(more))).toBe('suspense');
    expect(await balances()).toEqual({ tipjar: 5000, suspense: -5000 });
    expect(await unmatched()).toHaveLength(1);
    expect(await call()).toMatchObject({ paidCents: 0, paymentCount: 0 });
    expect(await book(payment(more))).toBe('duplicate');
    expect(await ledger()).toHaveLength(1);
  });

  test('belongs to no DJ because nobody holds the number', async () => {
    const ref = callRef(2);
    const nobody = { kind: 'misdirected' as const, djProfileId: null, timeZone: 'UTC' };
    await callFacts(table).incoming(ref, now, nobody);
    expect(await book(payment({ callId: callIdOf(ref.callSid) }))).toBe('suspense');
  });

  test('that is refunded whole is no longer listed', async () => {
    await book(payment({ callId: undefined }));
    expect(await book(refund(5000, { callId: undefined }))).toBe('suspense');
    expect(await balances()).toEqual({});
    expect(await unmatched()).toEqual([]);
  });

  test('finds its call when a later event names it', async () => {
    await book(payment({ callId: undefined }));
    expect(await book(refund(1000))).toBe('booked');
    expect(await balances()).toEqual({ tipjar: 4000, platform: -600, 'dj:dj-ben': -3400 });
    expect(await call()).toMatchObject({ paidCents: 5000, refundedCents: 1000 });
    expect(await unmatched()).toEqual([]);
  });

  test('finds its call by the timer once the call is known', async () => {
    const late = callRef(7);
    await book(payment({ callId: callIdOf(late.callSid) }));
    expect(await matchPayments(deps())).toBe(0);
    await callFacts(table).incoming(late, now, forwarded);
    expect(await matchPayments(deps())).toBe(1);
    expect(await balances()).toEqual({ tipjar: 5000, platform: -750, 'dj:dj-ben': -4250 });
    expect(await matchPayments(deps())).toBe(0);
  });

  test('and is refunded whole counts as soon as its call is known', async () => {
    const late = callRef(8);
    const id = callIdOf(late.callSid);
    await book(payment({ callId: id }));
    await book(refund(5000, { callId: id }));
    await callFacts(table).incoming(late, now, forwarded);
    expect(await matchPayments(deps())).toBe(1);
    expect(await callRepository(table).find(id)).toMatchObject({
      paidCents: 5000,
      refundedCents: 5000,
      cutCents: 0,
      paymentCount: 1,
    });
    expect(await balances()).toEqual({});
    expect(await matchPayments(deps())).toBe(0);
  });

  test('is assigned by a person to a call or to a DJ, once', async () => {
    await book(payment({ callId: undefined }));
    const assigned = await assignPayment(deps(), 'pay_1' as PaymentId, { callId }, 'admin:ann');
    expect(assigned).toMatchObject({ djProfileId: 'dj-ben' as DjProfileId, callId, assignedBy: 'admin:ann' });
    expect(await call()).toMatchObject({ paidCents: 5000, cutCents: 750 });
    await expect(assignPayment(deps(), 'pay_1' as PaymentId, { callId }, 'admin:ann')).rejects.toMatchObject({
      code: 'ILLEGAL_STATE',
    });
    await book(
      payment({ eventId: 'evt_2' as PaymentEventId, paymentId: 'pay_2' as PaymentId, callId: undefined }),
    );
    await assignPayment(deps(), 'pay_2' as PaymentId, { djProfileId: 'dj-ben' as DjProfileId }, 'admin:ann');
    expect(await balances()).toEqual({ tipjar: 10_000, platform: -1500, 'dj:dj-ben': -8500 });
    expect(await book(refund(5000, { paymentId: 'pay_2' as PaymentId, callId: undefined }))).toBe('booked');
    expect(await balances()).toEqual({ tipjar: 5000, platform: -750, 'dj:dj-ben': -4250 });
  });

  test('is not assigned to a call that is unknown, nor in another currency', async () => {
    await book(payment({ callId: undefined }));
    await expect(
      assignPayment(deps(), 'pay_1' as PaymentId, { callId: 'call_x' as CallId }, 'a'),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(assignPayment(deps(), 'pay_x' as PaymentId, { callId }, 'a')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await book(
      payment({ eventId: 'evt_3' as PaymentEventId, paymentId: 'pay_3' as PaymentId, currency: 'eur' }),
    );
    await expect(assignPayment(deps(), 'pay_3' as PaymentId, { callId }, 'a')).rejects.toMatchObject({
      code: 'ILLEGAL_STATE',
      message: expect.stringContaining('eur'),
    });
  });
});

describe('statements', () => {
  const april = new Date('2026-04-01T00:00:00.000Z');

  test('of a DJ go by the day of the ledger and equal it to the cent', async () => {
    await book(payment());
    await book(
      payment({ eventId: 'e2' as PaymentEventId, paymentId: '=pay,2' as PaymentId, amountCents: 333 }),
      new Date('2026-03-05T10:00:00Z'),
    );
    await book(refund(1000), april);
    const march = await payoutOf(deps(), 'dj-ben' as DjProfileId, '2026-03');
    expect(march).toMatchObject({
      total: 45.33,
      currency: 'usd',
      days: [
        { date: '2026-03-02', amount: 42.5 },
        { date: '2026-03-05', amount: 2.83 },
      ],
    });
    expect(march.lines).toHaveLength(2);
    expect(await payoutOf(deps(), 'dj-ben' as DjProfileId, '2026-04')).toMatchObject({ total: -8.5 });
    expect(await payoutOf(deps(), 'dj-max' as DjProfileId, '2026-03')).toMatchObject({ total: 0, lines: [] });
    expect(payoutCsv(march).split('\n')).toEqual([
      'at,payment_id,call_id,amount,currency',
      `2026-03-02T18:00:00.000Z,pay_1,${callId},42.50,usd`,
      `2026-03-05T10:00:00.000Z,"'=pay,2",${callId},2.83,usd`,
      '',
    ]);
  });

  test('of the platform add up, and leave out what is nobody’s', async () => {
    await book(payment());
    await book(
      payment({
        eventId: 'e2' as PaymentEventId,
        paymentId: 'pay_2' as PaymentId,
        callId: undefined,
        amountCents: 700,
      }),
    );
    await book(
      payment({ eventId: 'e3' as PaymentEventId, paymentId: 'pay_3' as PaymentId, currency: 'eur' }),
    );
    expect(await revenueOf(deps(), '2026-03')).toEqual({
      month: '2026-03',
      time_zone: 'UTC',
      currency: 'usd',
      totalRevenue: 50,
      platformCut: 7.5,
      djRevenue: 42.5,
      suspense: 7,
      days: [{ date: '2026-03-02', totalRevenue: 50, platformCut: 7.5, djRevenue: 42.5, suspense: 7 }],
    });
  });
});

test('whatever is told in whatever order, the ledger sums to zero at every moment and ends where all was told at once', async () => {
  const types = [
    'payment.succeeded',
    'payment.refunded',
    'payment.disputed',
    'payment.dispute_closed',
  ] as const;
  const event = fc.record({
    n: fc.integer({ min: 1, max: 3 }),
    type: fc.constantFrom('payment.succeeded' as const, ...types),
    amount: fc.constantFrom(1, 999, 5000),
    named: fc.boolean(),
    outcome: fc.constantFrom('won' as const, 'lost' as const),
    second: fc.nat(59),
  });
  const gross = [0, 5000, 3, 1010];
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async (drawn) => {
      const ref = callRef(100 + ++round);
      const id = callIdOf(ref.callSid);
      await callFacts(table).incoming(ref, now, forwarded);
      const told = new Map<string, PaymentEvent[]>();
      for (const [index, { n, type, amount, named, outcome, second }] of drawn.entries()) {
        const paymentId = `p-${round}-${n}` as PaymentId;
        const one = payment({
          paymentId,
          eventId: `e-${round}-${index}` as PaymentEventId,
          type,
          amountCents: type === 'payment.succeeded' ? (gross[n] ?? 0) : amount,
          callId: named ? id : undefined,
          outcome,
          happenedAt: new Date(now.getTime() + second * 1000).toISOString(),
        });
        await book(one);
        told.set(paymentId, [...(told.get(paymentId) ?? []), one]);
        const sums = await balances();
        expect(Object.values(sums).reduce((sum, cents) => sum + cents, 0)).toBe(0);
      }
      const matched = [...told.values()].filter((events) => events.some((one) => one.callId !== undefined));
      const positions = matched.map(positionOf);
      expect(await callRepository(table).find(id)).toMatchObject({
        paidCents: positions.reduce((sum, { grossCents }) => sum + grossCents, 0),
        refundedCents: positions.reduce((sum, one) => sum + one.refundedCents + one.disputedCents, 0),
        cutCents: positions.reduce((sum, one) => sum + cutCents(netOf(one)), 0),
      });
    }),
    { numRuns: 12 },
  );
});
