import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { callFacts } from '#shared/calls/facts.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { callIdOf, type DjProfileId, type OwnerId, type PaymentEventId, type PaymentId } from '#shared/id.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import type { PaymentEvent } from '#shared/payments/position.ts';
import { keys } from '#shared/table/keys.ts';
import { functionRig } from '#test/functions/function-rig.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { adminClaims, ask, djClaims, serviceClaims } from '#test/shared/http/api-event.ts';

import { holdAgainstDocument } from '#test/support/api-document.ts';

const rig = await functionRig();
type Claims = Record<string, unknown>;
const today = new Date('2026-05-10T12:00:00.000Z');
const call = (n: number) => callIdOf(callRef(n).callSid);

async function book(at: string, event: Partial<PaymentEvent> & Pick<PaymentEvent, 'eventId' | 'paymentId'>) {
  const deps = { payments: paymentRepository(rig.table), now: () => new Date(at) };
  return bookPayment(deps, {
    type: 'payment.succeeded',
    happenedAt: at,
    sessionId: undefined,
    callId: undefined,
    refundId: undefined,
    outcome: undefined,
    amountCents: 5000,
    currency: 'usd',
    ...event,
  });
}

const payments = (query: Record<string, string> = {}, claims: Claims = adminClaims) =>
  rig.ask('payments.listPayments', { path: '/api/djdash/admin/payments', query, claims });
const payouts = (query: Record<string, string>, claims: Claims = adminClaims) =>
  rig.ask('payments.listPayouts', { path: '/api/djdash/admin/payouts', query, claims });
const payout = (query: Record<string, string>, claims: Claims = adminClaims) =>
  rig.ask('payments.showPayout', { path: '/api/djdash/payouts', query, claims });
const revenue = (query: Record<string, string>, claims: Claims = adminClaims) =>
  rig.ask('payments.showRevenue', { path: '/api/djdash/admin/revenue', query, claims });
const paid = (body: unknown, claims: Claims = adminClaims, headers: Record<string, string> = {}) =>
  rig.ask('payments.markPaid', {
    method: 'POST',
    path: '/api/djdash/admin/payouts/paid',
    body,
    claims,
    headers,
  });
const assign = (id: string, body: unknown, claims: Claims = adminClaims) =>
  rig.ask('payments.assignPayment', {
    method: 'POST',
    path: '/api/djdash/admin/payments/{id}/assign',
    params: { id },
    body,
    claims,
  });
const idsOf = ({ json }: { json: Claims }) => (json.payments as { id: string }[]).map(({ id }) => id);

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: today });
  const at = new Date('2026-03-02T18:00:00.000Z');
  await callFacts(rig.table).incoming(callRef(1), at, forwarded);
  await callFacts(rig.table).incoming(callRef(2), at, { ...forwarded, djProfileId: 'dj-max' as OwnerId });
  await book('2026-03-02T18:00:00.000Z', {
    eventId: 'e1' as PaymentEventId,
    paymentId: 'pay_ben' as PaymentId,
    callId: call(1),
  });
  await book('2026-03-03T18:00:00.000Z', {
    eventId: 'e2' as PaymentEventId,
    paymentId: 'pay_max' as PaymentId,
    callId: call(2),
    amountCents: 3333,
  });
  await book('2026-04-02T10:00:00.000Z', {
    eventId: 'e3' as PaymentEventId,
    paymentId: 'pay_ben' as PaymentId,
    type: 'payment.refunded',
  });
  await book('2026-04-03T10:00:00.000Z', {
    eventId: 'e4' as PaymentEventId,
    paymentId: 'pay_ben2' as PaymentId,
    callId: call(1),
    amountCents: 1000,
  });
  await book('2026-04-04T10:00:00.000Z', {
    eventId: 'e5' as PaymentEventId,
    paymentId: 'pay_lost' as PaymentId,
    amountCents: 700,
  });
  await book('2026-05-02T10:00:00.000Z', {
    eventId: 'e6' as PaymentEventId,
    paymentId: 'pay_ben3' as PaymentId,
    callId: call(1),
    amountCents: 10_000,
  });
  await book('2026-05-03T10:00:00.000Z', {
    eventId: 'e7' as PaymentEventId,
    paymentId: 'pay_ben3' as PaymentId,
    type: 'payment.disputed',
    amountCents: 2000,
  });
});
afterAll(() => void vi.useRealTimers());

describe('payouts of all DJs', () => {
  test('tell gross, fee and net by kind, and carry forward what a month left below nothing', async () => {
    const march = (await payouts({ month: '2026-03' })).json.payouts;
    expect(march).toEqual({
      month: '2026-03',
      time_zone: 'UTC',
      currency: 'usd',
      is_over: true,
      gross: 83.33,
      fee: 12.5,
      net: 70.83,
      carried_forward: 0,
      due: 70.83,
      djs: [
        {
          dj_profile_id: 'dj-ben',
          name: null,
          gross: 50,
          fee: 7.5,
          net: 42.5,
          kinds: [{ kind: 'payment', gross: 50, fee: 7.5, net: 42.5 }],
          carried_forward: 0,
          due: 42.5,
          paid: null,
        },
        {
          dj_profile_id: 'dj-max',
          name: null,
          gross: 33.33,
          fee: 5,
          net: 28.33,
          kinds: [{ kind: 'payment', gross: 33.33, fee: 5, net: 28.33 }],
          carried_forward: 0,
          due: 28.33,
          paid: null,
        },
      ],
    });
    expect((await payouts({ month: '2026-04' })).json.payouts).toMatchObject({
      net: -34,
      due: 0,
      djs: [
        {
          dj_profile_id: 'dj-ben',
          kinds: [
            { kind: 'payment', gross: 10, fee: 1.5, net: 8.5 },
            { kind: 'refund', gross: -50, fee: -7.5, net: -42.5 },
          ],
          due: 0,
        },
      ],
    });
    expect((await payouts({ month: '2026-05' })).json.payouts).toMatchObject({
      is_over: false,
      carried_forward: -34,
      due: 34,
      djs: [
        {
          dj_profile_id: 'dj-ben',
          kinds: [
            { kind: 'payment', gross: 100, fee: 15, net: 85 },
            { kind: 'dispute', gross: -20, fee: -3, net: -17 },
          ],
          net: 68,
          carried_forward: -34,
          due: 34,
        },
      ],
    });
  });

  test('stay the same once a timer has noted what is carried forward', async () => {
    const before = [
      (await payouts({ month: '2026-05' })).json,
      (await payout({ month: '2026-05', dj_profile_id: 'dj-ben' })).json,
    ];
    expect(await rig.run('payments.auditLedger', {})).toEqual({
      moved: 0,
      done: true,
      carried: 1,
      compared: 3,
      differing: 0,
    });
    expect(await ledgerRepository(rig.table).carriedUntil('payments:usd', '2026-05')).toBe('2026-05');
    expect([
      (await payouts({ month: '2026-05' })).json,
      (await payout({ month: '2026-05', dj_profile_id: 'dj-ben' })).json,
    ]).toEqual(before);
    expect(await rig.run('payments.auditLedger', {})).toMatchObject({ carried: 0, differing: 0 });
  });

  test('come as CSV with numbers that a spreadsheet adds up', async () => {
    const { text, headers } = await payouts({ month: '2026-04', format: 'csv' });
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toContain('payouts-2026-04.csv');
    expect(text.split('\n')).toEqual([
      'month,dj_profile_id,name,kind,gross,fee,net,currency',
      '2026-04,dj-ben,,payment,10.00,1.50,8.50,usd',
      '2026-04,dj-ben,,refund,-50.00,-7.50,-42.50,usd',
      '',
    ]);
  });

  test('add up in the CSV to what is due, with what was carried forward', async () => {
    const { text } = await payouts({ month: '2026-05', format: 'csv' });
    const [, ...rows] = text.trim().split('\n');
    expect(rows).toEqual([
      '2026-05,dj-ben,,payment,100.00,15.00,85.00,usd',
      '2026-05,dj-ben,,dispute,-20.00,-3.00,-17.00,usd',
      '2026-05,dj-ben,,carried_forward,0.00,0.00,-34.00,usd',
    ]);
    expect(rows.reduce((sum, row) => sum + Number(row.split(',')[6]), 0)).toBe(34);
  });

  test('are for admins, and of a month', async () => {
    for (const claims of [serviceClaims, djClaims('dj-ben')])
      expect((await payouts({ month: '2026-03' }, claims)).status).toBe(403);
    for (const query of [
      {},
      { month: '2026-13' },
      { month: '2026-03', format: 'xml' },
      { month: '2026-03', day: '1' },
    ])
      expect((await payouts(query as Record<string, string>)).status).toBe(400);
  });
});

describe("a DJ's payout", () => {
  test('says how it is made up, in which zone, and what is due', async () => {
    const ben = djClaims('dj-ben');
    expect((await payout({ month: '2026-04' }, ben)).json.payout).toMatchObject({
      dj_profile_id: 'dj-ben',
      time_zone: 'UTC',
      total: -34,
      gross: -40,
      fee: -6,
      carried_forward: 0,
      due: 0,
      paid: null,
      lines: [
        { payment_id: 'pay_ben', amount: -42.5 },
        { payment_id: 'pay_ben2', amount: 8.5 },
      ],
    });
    expect(await payout({ month: '2026-04', dj_profile_id: 'dj-max' }, ben)).toMatchObject({ status: 404 });
    expect((await payout({ month: '2026-04', dj_profile_id: 'dj-new' })).json.payout).toMatchObject({
      total: 0,
      gross: 0,
      kinds: [],
      due: 0,
      lines: [],
    });
  });

  test('has negative amounts as numbers in its CSV', async () => {
    const { text } = await payout({ month: '2026-04', dj_profile_id: 'dj-ben', format: 'csv' });
    expect(text.split('\n')[1]).toBe(`2026-04-02T10:00:00.000Z,pay_ben,${call(1)},-42.50,usd`);
  });
});

test('revenue comes as CSV as well', async () => {
  const { text } = await revenue({ month: '2026-04', format: 'csv' });
  expect(text.split('\n')).toEqual([
    'date,totalRevenue,platformCut,djRevenue,suspense,currency',
    '2026-04-02,-50.00,-7.50,-42.50,0.00,usd',
    '2026-04-03,10.00,1.50,8.50,0.00,usd',
    '2026-04-04,0.00,0.00,0.00,7.00,usd',
    '',
  ]);
  expect((await revenue({ month: '2026-04' })).json.revenue).toMatchObject({
    time_zone: 'UTC',
    totalRevenue: -40,
    platformCut: -6,
    djRevenue: -34,
    suspense: 7,
  });
  expect((await revenue({ month: '2026-04', format: 'csv' }, djClaims('dj-ben'))).status).toBe(403);
});

describe('a month that was paid', () => {
  const body = { dj_profile_id: 'dj-ben', month: '2026-03', reference: 'SEPA 2026/0311' };

  test('is marked once under its reference, with who and when, and shows it', async () => {
    const first = await paid(body);
    expect(first).toMatchObject({
      status: 200,
      json: {
        paid: {
          dj_profile_id: 'dj-ben',
          month: '2026-03',
          amount: 42.5,
          reference: 'SEPA 2026/0311',
          at: today.toISOString(),
          by: 'admin:admin-1',
        },
      },
    });
    expect((await paid(body)).json).toEqual(first.json);
    expect(await paid({ ...body, reference: 'another' })).toMatchObject({
      status: 409,
      json: { code: 'ILLEGAL_STATE' },
    });
    const shown = (await payouts({ month: '2026-03' })).json.payouts as { djs: { paid: unknown }[] };
    expect(shown.djs.map((dj) => dj.paid)).toEqual([
      { amount: 42.5, reference: 'SEPA 2026/0311', at: today.toISOString(), by: 'admin:admin-1' },
      null,
    ]);
    const log = await rig.table.query({ pk: 'ACTS#2026-05', limit: 20 });
    expect(log.items.map((item) => item.record ?? item)).toContainEqual(
      expect.objectContaining({ act: 'POST /api/djdash/admin/payouts/paid' }),
    );
  });

  test('is marked once by the same Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'max-march' };
    const max = { dj_profile_id: 'dj-max', month: '2026-03', reference: 'SEPA 2' };
    const [first, again] = [await paid(max, adminClaims, key), await paid(max, adminClaims, key)];
    expect(again.json).toEqual(first.json);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect((await paid({ ...max, reference: 'x' }, adminClaims, key)).status).toBe(422);
  });

  test.each([
    ['while it goes on', { ...body, month: '2026-05' }, 409],
    ['when nothing is due', { ...body, month: '2026-04' }, 409],
    ['when nothing was ever booked', { ...body, dj_profile_id: 'dj-new' }, 409],
    ['without a reference', { ...body, reference: '  ' }, 400],
    ['of no DJ', { ...body, dj_profile_id: 'a b' }, 400],
    ['with what is not known', { ...body, amount: 1 }, 400],
  ])('is not marked %s', async (_when, asked, status) => {
    expect((await paid(asked)).status).toBe(status);
  });

  test('is marked by admins only', async () => {
    for (const claims of [serviceClaims, djClaims('dj-ben')])
      expect((await paid(body, claims)).status).toBe(403);
  });
});

/** All pages: a page may be short while the cursor leads on. */
async function allOf(query: Record<string, string>): Promise<string[]> {
  const shown: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await payments({ ...query, ...(cursor !== undefined && { cursor }) });
    shown.push(...idsOf(page));
    const { next_cursor: next } = page.json as { next_cursor: string | null };
    if (next === null) return shown;
    cursor = next;
  }
}

describe('the list of payments', () => {
  const year = { start_date: '2026-01-01', end_date: '2026-05-31' };

  test('has all of them, newest first, of the last 30 days unless told', async () => {
    expect(idsOf(await payments())).toEqual(['pay_ben3']);
    expect(await allOf(year)).toEqual(['pay_ben3', 'pay_lost', 'pay_ben2', 'pay_max', 'pay_ben']);
  });

  test('is filtered by DJ, day, state and whether anybody knows whose they are', async () => {
    expect(await allOf({ ...year, dj_profile_id: 'dj-ben' })).toEqual(['pay_ben3', 'pay_ben2', 'pay_ben']);
    expect(await allOf({ ...year, dj_profile_id: 'dj-ben', end_date: '2026-03-02' })).toEqual(['pay_ben']);
    expect(idsOf(await payments({ start_date: '2026-04-03', end_date: '2026-04-04' }))).toEqual([
      'pay_lost',
      'pay_ben2',
    ]);
    expect(await allOf({ ...year, status: 'refunded' })).toEqual(['pay_ben']);
    expect(await allOf({ ...year, status: 'disputed' })).toEqual(['pay_ben3']);
    expect(await allOf({ ...year, status: 'suspense' })).toEqual(['pay_lost']);
    expect(await allOf({ ...year, unmatched: 'false', status: 'booked' })).toHaveLength(4);
    expect(idsOf(await payments({ unmatched: 'true' }))).toEqual(['pay_lost']);
  });

  const filters: Record<string, string>[] = [{}, { dj_profile_id: 'dj-ben' }];
  test.each(filters)('comes in pages, each payment once: %j', async (filter) => {
    const all = await allOf({ ...year, ...filter });
    expect(new Set(all).size).toBe(all.length);
    expect(await allOf({ ...year, ...filter, limit: '1' })).toEqual(all);
  });

  test("refuses another list's cursor, filters beside unmatched, and who is no admin", async () => {
    const { next_cursor: cursor } = (await payments({ ...year, limit: '1' })).json;
    expect(await payments({ ...year, status: 'booked', cursor: String(cursor) })).toMatchObject({
      json: { code: 'INVALID_CURSOR' },
    });
    expect((await payments({ unmatched: 'true', status: 'booked' })).status).toBe(400);
    expect((await payments({ status: 'paid' })).status).toBe(400);
    expect((await payments({ start_date: '2026-04-02', end_date: '2026-04-01' })).status).toBe(400);
    for (const claims of [serviceClaims, djClaims('dj-ben')])
      expect((await payments({}, claims)).status).toBe(403);
  });
});

test('money that is assigned without a call is in the payout, and explained in the analytics', async () => {
  const analytics = async (query: Record<string, string> = {}) =>
    (
      await rig.ask('analytics.getAnalytics', {
        path: '/api/djdash/calls/analytics',
        query: { dj_profile_id: 'dj-zoe', ...query },
        claims: adminClaims,
      })
    ).json.analytics as Claims;
  const nothing = { totalRevenue: 0, platformCut: 0, djRevenue: 0 };
  expect((await analytics()).withoutCall).toEqual(nothing);
  expect((await assign('pay_lost', { dj_profile_id: 'dj-zoe' })).status).toBe(200);
  expect((await assign('pay_lost', { dj_profile_id: 'dj-zoe' })).status).toBe(409);
  expect(await analytics()).toMatchObject({
    totalRevenue: 0,
    withoutCall: { totalRevenue: 7, platformCut: 1.05, djRevenue: 5.95 },
  });
  expect((await analytics({ start_date: '2026-05-10', end_date: '2026-05-10' })).withoutCall).toEqual({
    totalRevenue: 7,
    platformCut: 1.05,
    djRevenue: 5.95,
  });
  expect((await analytics({ end_date: '2026-05-09' })).withoutCall).toEqual(nothing);
  expect((await payout({ month: '2026-05', dj_profile_id: 'dj-zoe' })).json.payout).toMatchObject({
    total: 5.95,
  });
});

test('payouts of all DJs wait while the ledger of before is moved, those of one and revenue do not', async () => {
  const at = '2026-02-02T10:00:00.000Z';
  await rig.table.update(keys.ledgerMove(), { remove: ['doneAt'] });
  const line = {
    entity: 'ledger-line',
    currency: 'usd',
    paymentId: 'pay_old' as PaymentId,
    callId: null,
    createdAt: at,
  };
  for (const [account, amountCents] of [
    ['tipjar', 1000],
    ['platform', -150],
    ['dj:dj-old', -850],
  ] as const)
    await rig.table.put({ ...keys.ledgerLine(account, at, 'pay_old#1'), ...line, account, amountCents });
  // A function that has not seen the end of the move.
  const { payoutsOfMonth } = await import('#shared/payments/month-payouts.ts');
  const { oldLines } = await import('#shared/payments/old-lines.ts');
  const { payoutOf } = await import('#shared/payments/payout.ts');
  const deps = {
    ledger: ledgerRepository(rig.table),
    lines: oldLines(rig.table),
    namesOf: () => Promise.resolve(new Map<DjProfileId, string>()),
    now: () => today,
  };
  const { listPayouts } = await import('#functions/payments/routes.ts');
  const handler = httpHandler(listPayouts, async ({ query: { month } }) => ({
    payouts: await payoutsOfMonth(deps, month),
  }));
  const refused = await ask(handler, { query: { month: '2026-02' }, claims: adminClaims });
  expect(refused).toMatchObject({ status: 409, json: { code: 'ILLEGAL_STATE' } });
  holdAgainstDocument('GET /api/djdash/admin/payouts', refused);
  expect(await payoutOf(deps, 'dj-old' as DjProfileId, '2026-02')).toMatchObject({
    total: 8.5,
    gross: null,
    due: null,
  });
});
