import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Answer } from '#infra/local/demo/client.ts';
import { netOf, storedEntry } from '#shared/ledger/entry.ts';
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
  outcome?: string;
  /** When it happened, in seconds since 1970; now unless told. */
  created?: number;
}

/** What TipJar sends, signed as it signs. */
async function report({ id, type = 'payment.succeeded', created, ...data }: Payment) {
  const unix = Math.floor(Date.now() / 1000);
  const event = {
    id,
    type,
    created: created ?? unix,
    data: { payment_id: `pay_${id}`, currency: 'USD', ...data },
  };
  const body = JSON.stringify(event);
  const { webhookSecret } = world.stack.description.tipjar;
  const signature = createHmac('sha256', webhookSecret).update(`${unix}.${body}`).digest('hex');
  const answer = await fetch(`${world.stack.description.api}/api/tipjar/webhook`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'tipjar-signature': `t=${unix},v1=${signature}`,
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

/** What each entry of an account leaves on it, in cents. */
async function ledgerOf(account: string): Promise<number[]> {
  const items = await world.items();
  return items
    .filter(({ entity, account: of }) => entity === 'ledger-entry' && of === account)
    .map((item) => netOf(storedEntry.parse(item)))
    .sort((a, b) => a - b);
}

test('one payment, however often and under however many event ids it is told, is booked once', async () => {
  const { id: call_id } = await loggedCall('dj-once');
  const payment = { call_id, payment_id: 'pay_once', amount_cents: 5000 };
  const results = [];
  for (const id of ['evt_a', 'evt_a', 'evt_b', 'evt_a']) results.push(await report({ id, ...payment }));
  const inParallel = await Promise.all(
    Array.from({ length: 8 }, (_, index) => report({ id: `evt_c${index}`, ...payment })),
  );
  await world.stack.idle();

  expect(results.map(({ body }) => body.result)).toEqual(['booked', 'duplicate', 'duplicate', 'duplicate']);
  expect(inParallel.map(({ status, body }) => [status, body.result])).toEqual(
    Array.from({ length: 8 }, () => [200, 'duplicate']),
  );
  expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 50, is_booked: true });
  expect(await world.analytics('dj-once')).toMatchObject({ totalRevenue: 50, tipjarPaymentsReceived: 1 });
  expect(await ledgerOf('dj:dj-once')).toEqual([4250]);
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
  expect(await ledgerOf('suspense')).toEqual([...before, 2500].sort((a, b) => a - b));
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

test('a refund before its payment, another after it, and a dispute are booked to the cent', async () => {
  const { id: call_id } = await loggedCall('dj-refund');
  const about = { payment_id: 'pay_refund', call_id };
  const told = [
    { id: 'evt_early', type: 'payment.refunded', refund_id: 'ref_1', amount_cents: 1000 },
    { id: 'evt_paid', amount_cents: 5000 },
    { id: 'evt_early', type: 'payment.refunded', refund_id: 'ref_1', amount_cents: 1000 },
    { id: 'evt_late', type: 'payment.refunded', refund_id: 'ref_2', amount_cents: 999 },
    { id: 'evt_dispute', type: 'payment.disputed', amount_cents: 5000 },
  ];
  const results = [];
  for (const one of told) results.push((await report({ ...one, ...about })).body.result);
  expect(results).toEqual(['kept', 'booked', 'duplicate', 'booked', 'booked']);
  await world.stack.idle();
  expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 0, is_booked: false });

  const won = { type: 'payment.dispute_closed', outcome: 'won', amount_cents: 5000, created: 1_900_000_000 };
  expect((await report({ id: 'evt_won', ...won, ...about })).body.result).toBe('booked');
  await world.stack.idle();
  expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 30.01, is_booked: true });
  expect(await world.analytics('dj-refund')).toMatchObject({
    grossRevenue: 50,
    refunds: 19.99,
    totalRevenue: 30.01,
    platformCut: 4.5,
    djRevenue: 25.51,
  });
  expect(await ledgerSums(world)).toMatchObject({ usd: 0 });

  const month = new Date().toISOString().slice(0, 7);
  const own = await world.api<{ payout: { total: number; lines: unknown[] } }>(
    `GET /api/djdash/payouts?month=${month}`,
    { token: await world.dj('dj-refund') },
  );
  expect(own.body.payout).toMatchObject({ dj_profile_id: 'dj-refund', total: 25.51 });
  const csv = await world.api(`GET /api/djdash/payouts?month=${month}&format=csv`, {
    token: await world.dj('dj-refund'),
  });
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const other = await world.api(`GET /api/djdash/payouts?month=${month}&dj_profile_id=dj-refund`, {
    token: await world.dj('dj-other'),
  });
  expect(other.status).toBe(404);
});

test('an admin sees what is in suspense and says whose it is', async () => {
  const { id: call_id } = await loggedCall('dj-found');
  await report({ id: 'evt_lost', payment_id: 'pay_lost', amount_cents: 2000 });
  const list = () =>
    world.api<{ payments: { id: string; reason: string }[] }>(
      'GET /api/djdash/admin/payments?unmatched=true',
      {
        token: world.admin,
      },
    );
  expect((await list()).body.payments.find(({ id }) => id === 'pay_lost')?.reason).toBe(
    'no call is known for it',
  );

  const assign = (json: unknown, token = world.admin) =>
    world.api('POST /api/djdash/admin/payments/pay_lost/assign', { token, json });
  expect((await assign({ call_id }, world.service)).status).toBe(403);
  expect((await assign({})).status).toBe(400);
  expect((await assign({ call_id, dj_profile_id: 'dj-found' })).status).toBe(400);
  expect(await assign({ call_id })).toMatchObject({
    status: 200,
    body: { payment: { status: 'booked', dj_profile_id: 'dj-found', call_id, amount: 20 } },
  });
  expect((await assign({ call_id })).status).toBe(409);
  expect((await list()).body.payments.map(({ id }) => id)).not.toContain('pay_lost');
  await world.stack.idle();
  expect(await world.read(call_id)).toMatchObject({ tipjar_payment_amount: 20, is_booked: true });

  const month = new Date().toISOString().slice(0, 7);
  const { body } = await world.api<{
    revenue: { totalRevenue: number; platformCut: number; djRevenue: number };
  }>(`GET /api/djdash/admin/revenue?month=${month}`, { token: world.admin });
  expect(body.revenue.platformCut + body.revenue.djRevenue).toBeCloseTo(body.revenue.totalRevenue, 2);
});

test('fields that TipJar adds one day do no harm', async () => {
  const { id: call_id } = await loggedCall('dj-new-fields');
  const { body } = await report({ id: 'evt_new', call_id, amount_cents: 300, fee_cents: 9 });
  expect(body.result).toBe('booked');
});

test('an admin gets all payments of a DJ and what all DJs are owed, as CSV as well, and marks no month as paid that goes on', async () => {
  const { id: call_id } = await loggedCall('dj-books');
  await report({ id: 'evt_books', payment_id: 'pay_books', call_id, amount_cents: 4000 });
  await report({
    id: 'evt_back',
    payment_id: 'pay_books',
    call_id,
    type: 'payment.refunded',
    amount_cents: 1000,
  });
  const month = new Date().toISOString().slice(0, 7);
  const get = (path: string, token = world.admin) =>
    world.api<Record<string, unknown>>(`GET ${path}`, { token });

  const list = await get('/api/djdash/admin/payments?dj_profile_id=dj-books');
  expect(list.body.payments).toMatchObject([{ id: 'pay_books', status: 'booked', amount: 30, refunded: 10 }]);
  const all = await get(`/api/djdash/admin/payouts?month=${month}`);
  expect(all.body.payouts).toMatchObject({
    time_zone: 'UTC',
    djs: expect.arrayContaining([
      expect.objectContaining({
        dj_profile_id: 'dj-books',
        kinds: [
          { kind: 'payment', gross: 40, fee: 6, net: 34 },
          { kind: 'refund', gross: -10, fee: -1.5, net: -8.5 },
        ],
        due: 25.5,
      }),
    ]),
  });
  const csv = await get(`/api/djdash/admin/payouts?month=${month}&format=csv`);
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect((await get(`/api/djdash/admin/payouts?month=${month}`, world.service)).status).toBe(403);

  const mark = (json: unknown, token = world.admin) =>
    world.api('POST /api/djdash/admin/payouts/paid', { token, json });
  const asked = { dj_profile_id: 'dj-books', month, reference: 'transfer 1' };
  expect(await mark(asked)).toMatchObject({ status: 409, body: { code: 'ILLEGAL_STATE' } });
  expect((await mark(asked, await world.dj('dj-books'))).status).toBe(403);
});

test('callers are asked for the deposit that the number says, unless it is not an amount or has an address', async () => {
  await world.buy(1, '901');
  const number = await world.assign('dj-deposit');
  const set = (settings: object) =>
    world.api('PUT /api/djdash/virtual-numbers', {
      token: world.admin,
      json: { dj_profile_id: 'dj-deposit', settings },
    });
  for (const wrong of [
    { deposit_amount: 0 },
    { deposit_amount: 19.999 },
    { deposit_amount: '20' },
    { deposit_description: 'pay at evil.example.com' },
    { deposit_description: 'call 901 555 0101' },
  ])
    expect(await set(wrong), JSON.stringify(wrong)).toMatchObject({ status: 400 });
  expect(await set({ deposit_amount: 250.5, deposit_description: 'Deposit for your wedding' })).toMatchObject(
    {
      status: 200,
      body: {
        virtualNumber: {
          deposit_amount: 250.5,
          deposit_description: 'Deposit for your wedding',
          language: 'en',
        },
      },
    },
  );
  const { callSid } = await world.call({ from: '+12065550188', to: number, talkSeconds: 60 });
  await world.stack.idle();
  const { id } = await world.read(callSid);
  const answer = await fetch(`${world.stack.description.tipjar.baseUrl}/_sim/sessions`);
  const { sessions } = (await answer.json()) as { sessions: { call_id: string }[] };
  expect(sessions.find(({ call_id }) => call_id === id)).toMatchObject({
    amount_cents: 25_050,
    description: 'DJ Ben: Deposit for your wedding',
  });
});
