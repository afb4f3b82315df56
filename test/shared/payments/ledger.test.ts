import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DjProfileId } from '#shared/id.ts';
import { cutCents } from '#shared/money.ts';
import { difference, type LedgerLine, paymentLines, suspenseLines } from '#shared/payments/ledger.ts';

const amount = fc.nat(100_000_000);
const total = (lines: LedgerLine[]) => lines.reduce((sum, line) => sum + line.amountCents, 0);
const of = (lines: LedgerLine[], account: string) =>
  lines.find((line) => line.account === account)?.amountCents ?? 0;

test('the platform earns its cut and the DJ the rest, to the cent, for every amount', () => {
  expect(difference([], paymentLines('dj-ben' as DjProfileId, 5000))).toEqual([
    { account: 'tipjar', amountCents: 5000 },
    { account: 'platform', amountCents: -750 },
    { account: 'dj:dj-ben', amountCents: -4250 },
  ]);
  fc.assert(
    fc.property(amount, (cents) => {
      const lines = paymentLines('dj-ben' as DjProfileId, cents);
      expect(total(lines)).toBe(0);
      expect(of(lines, 'tipjar')).toBe(cents);
      expect(of(lines, 'platform') + cutCents(cents)).toBe(0);
    }),
  );
});

test('money that is nobody’s goes to suspense whole', () => {
  expect(difference([], suspenseLines(5000))).toEqual([
    { account: 'tipjar', amountCents: 5000 },
    { account: 'suspense', amountCents: -5000 },
  ]);
});

test('between any two balances lie lines that sum to zero, in whole cents, each account once, none empty', () => {
  const balances = fc.oneof(
    amount.map((cents) => paymentLines('dj-ben' as DjProfileId, cents)),
    amount.map(suspenseLines),
    fc.constant<LedgerLine[]>([]),
  );
  fc.assert(
    fc.property(balances, balances, (before, after) => {
      const lines = difference(before, after);
      expect(total(lines)).toBe(0);
      expect(lines.every(({ amountCents }) => Number.isInteger(amountCents) && amountCents !== 0)).toBe(true);
      expect(new Set(lines.map(({ account }) => account)).size).toBe(lines.length);
      for (const account of ['tipjar', 'platform', 'suspense', 'dj:dj-ben'])
        expect(of(before, account) + of(lines, account) - of(after, account)).toBe(0);
    }),
  );
});

test('a refund takes back the cut before less the cut after, so that many small ones take back all of it', () => {
  fc.assert(
    fc.property(
      amount,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
      (cents, shares) => {
        let net = cents;
        let platform = cutCents(cents);
        for (const share of [...shares, 1]) {
          const less = net - Math.floor(net * share);
          const lines = difference(
            paymentLines('dj-ben' as DjProfileId, net),
            paymentLines('dj-ben' as DjProfileId, less),
          );
          expect(of(lines, 'platform')).toBe(cutCents(net) - cutCents(less));
          platform -= of(lines, 'platform');
          net = less;
        }
        expect([net, platform]).toEqual([0, 0]);
      },
    ),
  );
});

test('a payment too small for a cut has no line for the platform', () => {
  expect(difference([], paymentLines('dj-ben' as DjProfileId, 3))).toEqual([
    { account: 'tipjar', amountCents: 3 },
    { account: 'dj:dj-ben', amountCents: -3 },
  ]);
});

test('money in suspense that is assigned leaves TipJar’s account as it is', () => {
  expect(difference(suspenseLines(5000), paymentLines('dj-ben' as DjProfileId, 5000))).toEqual([
    { account: 'platform', amountCents: -750 },
    { account: 'dj:dj-ben', amountCents: -4250 },
    { account: 'suspense', amountCents: 5000 },
  ]);
});
