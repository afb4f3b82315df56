import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import '#test/shared/quiet.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { callIdOf } from '#shared/id.ts';
import { cutCents } from '#shared/money.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { type PaymentEvent, paymentRepository } from '#shared/payments/payment.repository.ts';
import type { Item, Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

let table: Table;
const now = new Date('2026-03-02T18:00:00.000Z');
const callId = callIdOf(callRef(1).callSid);
const book = (event: PaymentEvent, at = now) =>
  bookPayment({ payments: paymentRepository(table), now: () => at }, event);
const payment = (more: Partial<PaymentEvent> = {}): PaymentEvent => ({
  eventId: 'evt_1',
  type: 'payment.succeeded',
  paymentId: 'pay_1',
  sessionId: undefined,
  callId,
  amountCents: 5000,
  currency: 'usd',
  ...more,
});

beforeEach(async () => {
  table = await openTable();
  await callFacts(table).incoming(callRef(1), now, forwarded, undefined);
});

async function ledger(month = '2026-03'): Promise<Item[]> {
  const accounts = ['tipjar', 'platform', 'suspense', 'dj:dj-ben'];
  const pages = await Promise.all(
    accounts.map((account) => table.query({ pk: `LEDGER#${account}#${month}`, limit: 500 })),
  );
  return pages.flatMap(({ items }) => items);
}
const sum = (lines: Item[]) => lines.reduce((total, line) => total + Number(line.amountCents), 0);
const call = () => callRepository(table).find(callId);
const unmatched = async () =>
  (await table.query({ index: 'gsi2', pk: 'UNMATCHED#payments', limit: 100 })).items;

describe('a payment for a call', () => {
  test('is booked to it: totals, ledger, payment and event', async () => {
    expect(await book(payment())).toBe('booked');
    expect(await call()).toMatchObject({
      paidCents: 5000,
      cutCents: 750,
      paymentCount: 1,
      lastPaidAt: now.toISOString(),
    });
    expect((await ledger()).map(({ account, amountCents }) => [account, amountCents])).toEqual([
      ['tipjar', 5000],
      ['platform', -750],
      ['dj:dj-ben', -4250],
    ]);
    expect(await table.get(keys.payment('pay_1'))).toMatchObject({
      state: 'booked',
      callId,
      djProfileId: 'dj-ben',
      cutCents: 750,
    });
  });

  test('is found by its session', async () => {
    await followUpRepository(table).keepSession(
      callId,
      'dj-ben',
      { id: 'ses_1', url: 'https://pay.example.com/1' },
      now,
    );
    expect(await book(payment({ callId: undefined, sessionId: 'ses_1' }))).toBe('booked');
    expect(await call()).toMatchObject({ paidCents: 5000 });
  });

  test('is found by its session when the call it names is unknown', async () => {
    await followUpRepository(table).keepSession(
      callId,
      'dj-ben',
      { id: 'ses_1', url: 'https://pay.example.com/1' },
      now,
    );
    expect(await book(payment({ callId: 'call_unknown', sessionId: 'ses_1' }))).toBe('booked');
    expect(await call()).toMatchObject({ paidCents: 5000 });
  });

  test('told of twice, eleven minutes apart, is booked once', async () => {
    await book(payment());
    expect(await book(payment(), new Date('2026-03-02T18:11:00Z'))).toBe('duplicate');
    expect(await call()).toMatchObject({ paidCents: 5000, paymentCount: 1, lastPaidAt: now.toISOString() });
    expect(await ledger()).toHaveLength(3);
  });

  test('told of under another event id is booked once', async () => {
    await book(payment());
    expect(await book(payment({ eventId: 'evt_2' }))).toBe('duplicate');
    expect(await call()).toMatchObject({ paidCents: 5000 });
    expect(await ledger()).toHaveLength(3);
  });

  test('told of many times at the same moment is booked once', async () => {
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) => book(payment({ eventId: `evt_${index % 2}` }))),
    );
    expect(results.filter((result) => result === 'booked')).toHaveLength(1);
    expect(await call()).toMatchObject({ paidCents: 5000, paymentCount: 1 });
  });

  test('adds to those before it', async () => {
    await book(payment());
    await book(payment({ eventId: 'evt_2', paymentId: 'pay_2', amountCents: 1010 }));
    expect(await call()).toMatchObject({ paidCents: 6010, cutCents: 750 + 152, paymentCount: 2 });
  });
});

describe('money that belongs to no call', () => {
  test.each([
    ['names an unknown call', { callId: 'call_unknown' }],
    ['names an unknown session', { callId: undefined, sessionId: 'ses_x' }],
    ['names nothing', { callId: undefined }],
    ['is in another currency', { currency: 'eur' }],
  ])('because it %s goes to suspense and is listed', async (_what, more) => {
    expect(await book(payment(more))).toBe('suspense');
    expect((await ledger()).map(({ account, amountCents }) => [account, amountCents])).toEqual([
      ['tipjar', 5000],
      ['suspense', -5000],
    ]);
    expect(await unmatched()).toHaveLength(1);
    expect(await call()).toMatchObject({ paidCents: 0, paymentCount: 0 });
    expect(await book(payment(more))).toBe('duplicate');
    expect(await ledger()).toHaveLength(2);
  });

  test('belongs to no DJ because nobody holds the number', async () => {
    const ref = callRef(2);
    await callFacts(table).incoming(
      ref,
      now,
      { kind: 'misdirected', djProfileId: null, timeZone: 'UTC' },
      undefined,
    );
    expect(await book(payment({ callId: callIdOf(ref.callSid) }))).toBe('suspense');
  });
});

describe('a refund or dispute', () => {
  test.each(['payment.refunded', 'payment.disputed', 'payment.dispute_closed'])(
    '%s is kept, before its payment as well, and books nothing',
    async (type) => {
      expect(await book(payment({ type, eventId: 'evt_r' }))).toBe('kept');
      expect(await book(payment({ type, eventId: 'evt_r' }))).toBe('duplicate');
      expect(await ledger()).toEqual([]);
      expect(await book(payment())).toBe('booked');
      expect(await call()).toMatchObject({ paidCents: 5000 });
      expect(await table.get(keys.paymentEvent('pay_1', 'evt_r'))).toMatchObject({
        type,
        state: 'kept',
        amountCents: 5000,
      });
    },
  );
});

test('whatever is told how often, the ledger sums to zero at every moment and the call has what was paid', async () => {
  const event = fc.record({
    payment: fc.integer({ min: 1, max: 4 }),
    event: fc.integer({ min: 1, max: 2 }),
    type: fc.constantFrom('payment.succeeded', 'payment.succeeded', 'payment.refunded'),
    known: fc.boolean(),
  });
  const amounts = [0, 5000, 3, 1010, 99_999_999];
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 6 }), async (events) => {
      const ref = callRef(100 + round++);
      const id = callIdOf(ref.callSid);
      await callFacts(table).incoming(ref, now, forwarded, undefined);
      const paid = new Map<string, number>();
      for (const { payment: n, event: e, type, known } of events) {
        const amountCents = amounts[n] as number;
        const paymentId = `p-${round}-${n}`;
        const result = await book(
          payment({
            paymentId,
            eventId: `e-${round}-${n}-${e}-${type}`,
            type,
            amountCents,
            callId: known ? id : 'call_unknown',
          }),
        );
        if (result === 'booked') paid.set(paymentId, amountCents);
        expect(sum(await ledger())).toBe(0);
      }
      const values = [...paid.values()];
      expect(await callRepository(table).find(id)).toMatchObject({
        paidCents: values.reduce((a, b) => a + b, 0),
        cutCents: values.reduce((a, b) => a + cutCents(b), 0),
        paymentCount: values.length,
      });
    }),
    { numRuns: 8 },
  );
});
