import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Answer } from '#infra/local/demo/client.ts';
import { type CallView, ledgerSums, type Refusal, testWorld } from './world.ts';

const world = await testWorld();

afterEach(async () => {
  expect(await ledgerSums(world), 'debits and credits of each currency').toSatisfy(
    (sums: Record<string, number>) => Object.values(sums).every((cents) => cents === 0),
  );
});

interface Payment {
  id: string;
  type?: string;
  payment_id?: string;
  call_id?: string;
  amount_cents?: unknown;
  currency?: string;
  refund_id?: string;
  fee_cents?: number;
}

/** What TipJar sends, signed as it signs. */
async function report({ id, type = 'payment.succeeded', ...data }: Payment) {
  const event = {
    id,
    type,
    created: Math.floor(Date.now() / 1000),
    data: { payment_id: `pay_${id}`, currency: 'USD', ...data },
  };
  const body = JSON.stringify(event);
  const { webhookSecret } = world.stack.description.tipjar;
  const signature = createHmac('sha256', webhookSecret).update(`${event.created}.${body}`).digest('hex');
  const answer = await fetch(`${world.stack.description.api}/api/tipjar/webhook`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'tipjar-signature': `t=${event.created},v1=${signature}`,
    },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as { result?: string } & Partial<Refusal> };
}

/** A call that was logged by hand; it can be paid like any other. */
async function loggedCall(djProfileId: string): Promise<CallView> {
  const { body }: Answer<{ call: CallView }> = await world.api('POST /api/djdash/calls', {
    token: world.service,
    json: { dj_profile_id: djProfileId, caller_number: '+12065550101', call_duration_seconds: 61 },
  });
  return body.call;
}

async function ledgerOf(account: string): Promise<number[]> {
  const items = await world.items();
  return items
    .filter(({ entity, account: of }) => entity === 'ledger-line' && of === account)
    .map(({ amountCents }) => Number(amountCents));
}

test('one payment, however often and under however many event ids it is told, is booked once', async () => {
  const { id: call_id } = await loggedCall('dj-once');
  const payment = { call_id, payment_id: 'pay_once', amount_cents: 5000 };
  const results = [];
  for (const id of ['evt_a', 'evt_a', 'evt_b', 'evt_a']) results.push(await report({ id, ...payment }));
  const atOnce = await Promise.all(
    Array.from({ length: 8 }, (_, index) => report({ id: `evt_c${index}`, ...payment })),
  );
  await world.stack.idle();

  expect(results.map(({ body }) => body.result)).toEqual(['booked', 'duplicate', 'duplicate', 'duplicate']);
  expect(atOnce.map(({ status, body }) => [status, body.result])).toEqual(
    Array.from({ length: 8 }, () => [200, 'duplicate']),
  );
  expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 50, is_booked: true });
  expect(await world.analytics('dj-once')).toMatchObject({ totalRevenue: 50, tipjarPaymentsReceived: 1 });
  expect(await ledgerOf('dj:dj-once')).toEqual([-4250]);
});

test('many payments of one call at the same moment are all booked', async () => {
  const { id: call_id } = await loggedCall('dj-rush');
  const amounts = [101, 333, 1, 4999, 10_000, 7];
  const answers = await Promise.all(
    amounts.map((amount_cents, index) => report({ id: `evt_rush${index}`, call_id, amount_cents })),
  );
  await world.stack.idle();

  expect(answers.map(({ body }) => body.result)).toEqual(amounts.map(() => 'booked'));
  // 15 % of each, half up: 15 + 50 + 0 + 750 + 1500 + 1 cents.
  expect(await world.analytics('dj-rush')).toMatchObject({
    totalRevenue: 154.41,
    platformCut: 23.16,
    djRevenue: 131.25,
    tipjarPaymentsReceived: 6,
    bookedCalls: 1,
  });
});

test('a payment for a call that nobody knows goes to suspense', async () => {
  const before = await ledgerOf('suspense');
  const { status, body } = await report({
    id: 'evt_unknown',
    call_id: `call_${'1'.repeat(32)}`,
    amount_cents: 2500,
  });
  const again = await report({ id: 'evt_unknown', call_id: `call_${'1'.repeat(32)}`, amount_cents: 2500 });

  expect([status, body.result]).toEqual([200, 'suspense']);
  expect(again.body.result).toBe('duplicate');
  expect(await ledgerOf('suspense')).toEqual([...before, -2500]);
});

test('a payment in another currency than the platform is booked apart, not to the DJ', async () => {
  const { id: call_id } = await loggedCall('dj-euro');
  const { body } = await report({ id: 'evt_euro', call_id, amount_cents: 5000, currency: 'EUR' });
  await world.stack.idle();

  expect(body.result).toBe('suspense');
  expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 0, is_booked: false });
  expect(await ledgerOf('dj:dj-euro')).toEqual([]);
  expect(await ledgerSums(world)).toMatchObject({ eur: 0 });
});

test.each([0, -1, -5000, 0.5, '5000', 100_000_001, 9e15, null])(
  'an amount of %j cents is refused with the reason',
  async (amount_cents) => {
    const { id: call_id } = await loggedCall('dj-strange');
    const { status, body } = await report({ id: `evt_strange_${amount_cents}`, call_id, amount_cents });

    expect(status).toBe(400);
    expect(body).toMatchObject({
      success: false,
      code: 'VALIDATION_FAILED',
      details: [{ path: 'body.data.amount_cents' }],
    });
    expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 0 });
  },
);

test('the largest amount that is taken is booked to the cent', async () => {
  const { id: call_id } = await loggedCall('dj-rich');
  const { body } = await report({ id: 'evt_rich', call_id, amount_cents: 100_000_000 });
  await world.stack.idle();

  expect(body.result).toBe('booked');
  expect(await world.analytics('dj-rich')).toMatchObject({
    totalRevenue: 1_000_000,
    platformCut: 150_000,
    djRevenue: 850_000,
  });
});

test('a refund is kept as it came, before or after its payment, and books nothing yet', async () => {
  const { id: call_id } = await loggedCall('dj-refund');
  const refund = {
    id: 'evt_refund',
    type: 'payment.refunded',
    payment_id: 'pay_refund',
    refund_id: 'ref_1',
    amount_cents: 1000,
  };
  const early = await report(refund);
  const paid = await report({
    id: 'evt_refunded',
    payment_id: 'pay_refund',
    call_id,
    amount_cents: 5000,
  });
  const again = await report(refund);
  await world.stack.idle();

  expect([early, paid, again].map(({ body }) => body.result)).toEqual(['kept', 'booked', 'duplicate']);
  const items = await world.items();
  expect(
    items.filter(({ entity, eventId }) => entity === 'payment-event' && eventId === 'evt_refund'),
  ).toEqual([
    expect.objectContaining({ type: 'payment.refunded', paymentId: 'pay_refund', amountCents: 1000 }),
  ]);
  expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 50, is_booked: true });
});

test('fields that TipJar adds one day do no harm', async () => {
  const { id: call_id } = await loggedCall('dj-new-fields');
  const { body } = await report({ id: 'evt_new', call_id, amount_cents: 300, fee_cents: 9 });
  expect(body.result).toBe('booked');
});
