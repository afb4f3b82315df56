import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DjProfileId, PaymentId } from '#shared/id.ts';
import { balancesOf } from '#shared/ledger/transfer.ts';
import type { Payment } from '#shared/payments/payment.ts';
import { entriesOf, standingOf } from '#shared/payments/standing.ts';
import { formerLinesOf } from './former-ledger.ts';

const at = '2026-03-02T18:00:00.000Z';

/** A payment that was refunded and disputed in any amounts that it can bear. */
const payments = fc
  .record({
    grossCents: fc.integer({ min: 0, max: 100_000 }),
    refunded: fc.nat(),
    disputed: fc.nat(),
    djProfileId: fc.constantFrom(null, 'dj-ben' as DjProfileId),
  })
  .map(({ grossCents, refunded, disputed, djProfileId }): Payment => {
    const refundedCents = refunded % (grossCents + 1);
    const disputedCents = disputed % (grossCents - refundedCents + 1);
    return {
      paymentId: 'pay_1' as PaymentId,
      revision: 2,
      currency: 'usd',
      djProfileId,
      callId: null,
      named: { callId: null, sessionId: null },
      booked: { grossCents, refundedCents, disputedCents },
      reason: null,
      assignedBy: null,
      createdAt: at,
      updatedAt: at,
    };
  });

const why = { cause: 'pay_1#2', at };
const nonzero = (balances: ReadonlyMap<string, number>) =>
  Object.fromEntries([...balances].filter(([, cents]) => cents !== 0));

test('the entries of any change leave the balances that lines left, and sum to zero', () => {
  fc.assert(
    fc.property(payments, payments, (before, after) => {
      const transfers = entriesOf(standingOf(before), after, why).flatMap((entry) => entry.transfers);
      const balances = balancesOf(transfers);
      const former = new Map<string, number>();
      for (const { account, amountCents } of formerLinesOf(after))
        former.set(account, (former.get(account) ?? 0) - amountCents);
      for (const { account, amountCents } of formerLinesOf(before))
        former.set(account, (former.get(account) ?? 0) + amountCents);
      expect(nonzero(balances)).toEqual(nonzero(former));
      expect([...balances.values()].reduce((sum, cents) => sum + cents, 0)).toBe(0);
      expect(transfers.every(({ amount }) => Number.isInteger(amount) && amount > 0)).toBe(true);
    }),
  );
});

test('a payment is an entry of two transfers, and a refund gives its part of the fee back', () => {
  const booked = { grossCents: 5000, refundedCents: 0, disputedCents: 0 };
  const [paid] = fc.sample(payments, 1) as [Payment];
  const before = { ...paid, djProfileId: 'dj-ben' as DjProfileId, booked };
  const after = { ...before, booked: { ...booked, refundedCents: 1001 } };
  expect(entriesOf([], before, why)).toMatchObject([
    {
      book: 'payments:usd',
      account: 'dj:dj-ben',
      transfers: [
        { debit: 'tipjar', credit: 'dj:dj-ben', amount: 5000, kind: 'payment' },
        { debit: 'dj:dj-ben', credit: 'platform', amount: 750, kind: 'payment' },
      ],
    },
  ]);
  expect(entriesOf(standingOf(before), after, why).flatMap(({ transfers }) => transfers)).toEqual([
    { debit: 'dj:dj-ben', credit: 'tipjar', amount: 1001, kind: 'refund' },
    { debit: 'platform', credit: 'dj:dj-ben', amount: 150, kind: 'refund' },
  ]);
});

test('whoever gets money out of suspense gets an entry, and so does suspense', () => {
  const booked = { grossCents: 5000, refundedCents: 1000, disputedCents: 0 };
  const [paid] = fc.sample(payments, 1) as [Payment];
  const before = { ...paid, djProfileId: null, booked };
  const entries = entriesOf(standingOf(before), { ...before, djProfileId: 'dj-ben' as DjProfileId }, why);
  expect(entries.map(({ account }) => account)).toEqual(['suspense', 'dj:dj-ben']);
  expect(nonzero(balancesOf(entries.flatMap(({ transfers }) => transfers)))).toEqual({
    suspense: -4000,
    platform: 600,
    'dj:dj-ben': 3400,
  });
});
