import { expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { contributionOf } from '#shared/calls/contribution.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { callIdOf, type PaymentEventId, type PaymentId } from '#shared/id.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { balancesOf } from '#shared/ledger/transfer.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { matchPayments } from '#shared/payments/match-payments.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import type { PaymentEvent } from '#shared/payments/position.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { sampleOf } from '#test/support/depth.ts';

const table = await openTable();
let rounds = 0;
/** A year of its own for every round, so that its ledger is short. */
const now = () => new Date(Date.UTC(2000 + rounds, 2, 2, 18));
const payments = paymentRepository(table);
const ledger = ledgerRepository(table);

/** What is told of a payment, besides that its call comes in. */
type Told = Partial<PaymentEvent> & Pick<PaymentEvent, 'type'>;

const paid: Told = { type: 'payment.succeeded', amountCents: 5000 };
const refund = (amountCents: number): Told => ({ type: 'payment.refunded', amountCents });
const disputed: Told = { type: 'payment.disputed', happenedAt: '2026-03-03T00:00:00.000Z' };
const closed = (outcome: 'won' | 'lost'): Told => ({
  type: 'payment.dispute_closed',
  happenedAt: '2026-03-09T00:00:00.000Z',
  outcome,
});

const histories: [string, Told[]][] = [
  ['paid', [paid]],
  ['paid and refunded in part', [paid, refund(2000)]],
  ['paid and refunded whole', [paid, refund(5000)]],
  ['paid and refunded whole in parts', [paid, refund(2000), refund(3000)]],
  ['paid, disputed and lost', [paid, disputed, closed('lost')]],
  ['paid, disputed and won', [paid, disputed, closed('won')]],
  ['paid, refunded in part and disputed', [paid, refund(2000), disputed]],
];

function ordersOf<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** What a call, its share of the counters and the ledger come to when all has been told in this order. */
async function play(order: (Told | 'call')[]) {
  const round = ++rounds;
  const ref = callRef(round);
  const [callId, paymentId] = [callIdOf(ref.callSid), `pay_${round}`];
  for (const step of order) {
    if (step === 'call') {
      await callFacts(table).incoming(ref, now(), forwarded);
      continue;
    }
    const event: PaymentEvent = {
      eventId: `evt_${round}_${step.type}_${step.amountCents}` as PaymentEventId,
      happenedAt: now().toISOString(),
      paymentId: paymentId as PaymentId,
      sessionId: undefined,
      callId,
      refundId: undefined,
      outcome: undefined,
      amountCents: 5000,
      currency: 'usd',
      ...step,
    };
    await bookPayment({ payments, now }, event);
  }
  await matchPayments({ payments, now });

  const call = await callRepository(table).find(callId);
  if (call === undefined) throw new Error('the call came in');
  const { payment } = await payments.find(paymentId as PaymentId);
  const entries = await Promise.all(
    ['suspense', 'dj:dj-ben'].map((account) => ledger.entries(account, now().toISOString().slice(0, 7))),
  );
  const own = entries.flat().filter((entry) => entry.paymentId === paymentId);
  const { paidCents, refundedCents, cutCents, paymentCount } = call;
  return {
    totals: { paidCents, refundedCents, cutCents, paymentCount },
    counters: contributionOf(call)?.counters,
    balances: Object.fromEntries(
      [...balancesOf(own.flatMap(({ transfers }) => transfers))].filter(([, cents]) => cents !== 0),
    ),
    booked: payment?.booked,
    isOfCall: payment?.callId === callId,
  };
}

test.each(histories)(
  'a payment that is %s comes to the same in every order',
  { timeout: 60_000 },
  async (name, told) => {
    const callFirst = await play(['call', ...told]);
    expect(callFirst).toMatchObject({ isOfCall: true, totals: { paidCents: 5000, paymentCount: 1 } });
    for (const order of sampleOf(ordersOf<Told | 'call'>(['call', ...told]), 6, name)) {
      const names = order.map((step) => (step === 'call' ? step : `${step.type} ${step.amountCents ?? ''}`));
      expect(await play(order), names.join(', ')).toEqual(callFirst);
    }
  },
);
