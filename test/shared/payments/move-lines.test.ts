import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { callIdOf, type DjProfileId, type PaymentEventId, type PaymentId } from '#shared/id.ts';
import { compareBalances } from '#shared/ledger/compare-balances.ts';
import { netOf } from '#shared/ledger/entry.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { assignPayment } from '#shared/payments/assign-payment.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { matchPayments } from '#shared/payments/match-payments.ts';
import { monthsBetween } from '#shared/payments/month.ts';
import { payoutsOfMonth } from '#shared/payments/month-payouts.ts';
import { moveLines } from '#shared/payments/move-lines.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { type PaymentRepository, paymentRepository } from '#shared/payments/payment.repository.ts';
import { payoutOf } from '#shared/payments/payout.ts';
import type { PaymentEvent } from '#shared/payments/position.ts';
import { revenueOf } from '#shared/payments/revenue.ts';
import { accountOf, suspense } from '#shared/payments/standing.ts';
import { revenueWithoutCall } from '#shared/payments/without-call.ts';
import type { Table } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { dies, Fuse, fused } from '#test/simulation/crash.ts';
import { isDeep } from '#test/support/depth.ts';
import { formerPayments, formerPayout, formerRevenue } from './former-ledger.ts';

const start = new Date('2026-01-28T09:00:00.000Z');
const [known, late] = [callRef(1), callRef(2)];
const djs = ['dj-ben', 'dj-max'] as DjProfileId[];

/** Something that happens to a payment, some time after what happened before. */
type Step = { afterSeconds: number; n: number } & (
  | {
      act: PaymentEvent['type'];
      amount: number;
      names: 'known' | 'late' | 'nothing';
      outcome: 'won' | 'lost';
    }
  | { act: 'assign'; to: 'call' | 'dj' }
  | { act: 'match' }
  | { act: 'call' }
);

const when = {
  afterSeconds: fc.constantFrom(1, 660, 86_400, 12 * 86_400),
  n: fc.integer({ min: 1, max: 3 }),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...when,
      act: fc.constantFrom(
        'payment.succeeded' as const,
        'payment.succeeded' as const,
        'payment.refunded' as const,
        'payment.disputed' as const,
        'payment.dispute_closed' as const,
      ),
      amount: fc.constantFrom(1, 333, 4999),
      names: fc.constantFrom('known' as const, 'late' as const, 'nothing' as const),
      outcome: fc.constantFrom('won' as const, 'lost' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...when,
      act: fc.constant('assign' as const),
      to: fc.constantFrom('call' as const, 'dj' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...when, act: fc.constant('match' as const) }) },
  { weight: 1, arbitrary: fc.record({ ...when, act: fc.constant('call' as const) }) },
);

const gross = [0, 5000, 3, 1010];

async function play(table: Table, payments: PaymentRepository, one: Step, index: number, at: Date) {
  const deps = { payments, now: () => at };
  const paymentId = `pay_${one.n}` as PaymentId;
  if (one.act === 'call') {
    await callFacts(table).incoming(late, at, forwarded);
  } else if (one.act === 'match') {
    await matchPayments(deps);
  } else if (one.act === 'assign') {
    const owner =
      one.to === 'call' ? { callId: callIdOf(known.callSid) } : { djProfileId: 'dj-max' as DjProfileId };
    await assignPayment(deps, paymentId, owner, 'admin:ann').catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    });
  } else {
    const ref = one.names === 'known' ? known : late;
    await bookPayment(deps, {
      eventId: `evt_${index}` as PaymentEventId,
      type: one.act,
      happenedAt: at.toISOString(),
      paymentId,
      sessionId: undefined,
      callId: one.names === 'nothing' ? undefined : callIdOf(ref.callSid),
      refundId: undefined,
      outcome: one.outcome,
      amountCents: one.act === 'payment.succeeded' ? (gross[one.n] ?? 0) : one.amount,
      currency: one.n === 3 && one.act === 'payment.succeeded' ? 'eur' : 'usd',
    });
  }
}

const readers = (table: Table, at: Date) => ({
  ledger: ledgerRepository(table),
  lines: oldLines(table),
  namesOf: () => Promise.resolve(new Map<DjProfileId, string>()),
  now: () => at,
});

/** What everybody was told before there were entries. */
async function statements(table: Table, months: string[], of: 'lines' | 'entries', at: Date) {
  const deps = readers(table, at);
  return Promise.all(
    months.map(async (month) => {
      if (of === 'lines') {
        const payouts = await Promise.all(djs.map((dj) => formerPayout(table, dj, month)));
        return { month, payouts, revenue: await formerRevenue(table, month) };
      }
      const payouts = await Promise.all(djs.map((dj) => payoutOf(deps, dj, month)));
      const { totalRevenue, platformCut, djRevenue, suspense, days } = await revenueOf(deps, month);
      return {
        month,
        payouts: payouts.map(({ total, days: ofDays, lines }) => ({ total, days: ofDays, lines })),
        revenue: { totalRevenue, platformCut, djRevenue, suspense, days },
      };
    }),
  );
}

/** What is told since, besides. */
async function figures(table: Table, months: string[], at: Date) {
  const deps = readers(table, at);
  const range = { from: '0000', to: '9999' };
  return {
    months: await Promise.all(months.map((month) => payoutsOfMonth(deps, month))),
    payouts: await Promise.all(djs.flatMap((dj) => months.map((month) => payoutOf(deps, dj, month)))),
    withoutCall: await Promise.all(djs.map((dj) => revenueWithoutCall(deps, dj, range))),
  };
}

async function hasEmptyEntry(table: Table, months: string[]): Promise<boolean> {
  const accounts = [suspense, ...djs.map(accountOf)];
  const entries = await Promise.all(
    months.flatMap((month) => accounts.map((account) => ledgerRepository(table).entries(account, month))),
  );
  return entries.flat().some((entry) => netOf(entry) === 0);
}

async function totals(table: Table) {
  const calls = await Promise.all(
    [known, late].map(({ callSid }) => callRepository(table).find(callIdOf(callSid))),
  );
  return calls.map((call) => call && [call.paidCents, call.refundedCents, call.cutCents, call.paymentCount]);
}

test('any history of payments comes to the same by lines, by entries, and by lines that were moved in the middle of it', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (steps, share) => {
        const [former, present, moved] = await Promise.all([openTable(), openTable(), openTable()]);
        for (const table of [former, present, moved])
          await callFacts(table).incoming(known, start, forwarded);
        const deployedAt = Math.round(share * steps.length);
        let at = start;
        for (const [index, one] of steps.entries()) {
          at = addSeconds(at, one.afterSeconds);
          await play(former, formerPayments(former), one, index, at);
          await play(present, paymentRepository(present), one, index, at);
          const code = index < deployedAt ? formerPayments(moved) : paymentRepository(moved);
          await play(moved, code, one, index, at);
        }
        const end = addSeconds(at, 7200);
        const months = monthsBetween('2026-01', end.toISOString().slice(0, 7));
        const told = await statements(former, months, 'lines', end);
        expect(await statements(present, months, 'entries', end)).toEqual(told);
        expect(await statements(moved, months, 'entries', end), 'before the move').toEqual(told);
        expect(await totals(present)).toEqual(await totals(former));

        for (let life = 1; ; life += isDeep ? 1 : 5) {
          let isDone = false;
          const fuse = new Fuse(life);
          const { table } = fused(fuse, moved, {} as never);
          const deps = {
            lines: oldLines(table),
            payments: paymentRepository(table),
            ledger: ledgerRepository(table),
            now: () => end,
          };
          const death = await dies(fuse, async () => {
            ({ done: isDone } = await moveLines(deps, addSeconds(end, 60)));
          });
          if (death === undefined) expect(isDone).toBe(true);
          expect(await statements(moved, months, 'entries', end), `died after step ${life}`).toEqual(told);
          if (isDone) break;
        }
        // A booking that came to nothing, such as a payment of which the dispute was known already, left no line to move.
        if (!(await hasEmptyEntry(present, months)))
          expect(await figures(moved, months, end)).toEqual(await figures(present, months, end));
        for (const table of [present, moved]) {
          for (const month of months) {
            const compared = await compareBalances(
              { ledger: ledgerRepository(table), random: () => 0 },
              'payments:usd',
              month,
              99,
            );
            expect(compared.differing).toEqual([]);
          }
        }
      },
    ),
    { numRuns: isDeep ? 40 : 4 },
  );
});

test('a line that comes late, from a function of the release before, is moved by the next run and counts once', async () => {
  const table = await openTable();
  await callFacts(table).incoming(known, start, forwarded);
  const run = (at: Date) =>
    moveLines(
      {
        lines: oldLines(table),
        payments: paymentRepository(table),
        ledger: ledgerRepository(table),
        now: () => at,
      },
      addSeconds(at, 60),
    );
  const paid: Step = {
    act: 'payment.succeeded',
    n: 1,
    afterSeconds: 0,
    amount: 0,
    names: 'known',
    outcome: 'won',
  };
  await play(table, formerPayments(table), paid, 1, start);
  // Too fresh: the function that wrote it may write another.
  expect(await run(addSeconds(start, 60))).toEqual({ moved: 1, done: false });
  const noted = addSeconds(start, 7200);
  expect(await run(noted)).toEqual({ moved: 0, done: true });
  await play(table, formerPayments(table), { ...paid, n: 2 }, 2, addSeconds(noted, 60));
  expect(await run(addSeconds(noted, 120))).toEqual({ moved: 1, done: true });
  expect(await run(addSeconds(noted, 180))).toEqual({ moved: 0, done: true });
  const payout = await payoutOf(readers(table, noted), 'dj-ben' as DjProfileId, '2026-01');
  expect(payout).toMatchObject({ total: 42.53, gross: 50.03, fee: 7.5 });
  expect(payout.lines).toHaveLength(2);
});

test('a line of which the payment is missing keeps the lines counting, and is told of', async () => {
  const table = await openTable();
  await callFacts(table).incoming(known, start, forwarded);
  const lost = { entity: 'ledger-line', account: 'tipjar', amountCents: 5000, currency: 'usd' };
  const at = start.toISOString();
  await table.put({
    ...keys.ledgerLine('tipjar', at, 'pay_lost#1'),
    ...lost,
    paymentId: 'pay_lost',
    createdAt: at,
  });
  const now = () => addSeconds(start, 7200);
  const ledger = ledgerRepository(table);
  const deps = { lines: oldLines(table), payments: paymentRepository(table), ledger, now };
  expect(await moveLines(deps, addSeconds(start, 9000))).toEqual({ moved: 0, done: false });
  expect(await ledger.moved()).toBe(false);
});
