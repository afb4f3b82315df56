import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutCents } from '#shared/money.ts';
import { type LedgerLine, paymentLines, suspenseLines } from '#shared/payments/ledger.ts';

const amount = fc.integer({ min: 1, max: 100_000_000 });
const total = (lines: LedgerLine[]) => lines.reduce((sum, line) => sum + line.amountCents, 0);

test('the lines of every payment sum to zero, in whole cents, each account once, none empty', () => {
  fc.assert(
    fc.property(amount, fc.boolean(), (cents, matched) => {
      const lines = matched ? paymentLines('dj-ben', cents) : suspenseLines(cents);
      expect(total(lines)).toBe(0);
      expect(lines.every(({ amountCents }) => Number.isInteger(amountCents) && amountCents !== 0)).toBe(true);
      expect(new Set(lines.map(({ account }) => account)).size).toBe(lines.length);
    }),
  );
});

test('the platform earns its cut and the DJ the rest', () => {
  expect(paymentLines('dj-ben', 5000)).toEqual([
    { account: 'tipjar', amountCents: 5000 },
    { account: 'platform', amountCents: -750 },
    { account: 'dj:dj-ben', amountCents: -4250 },
  ]);
  fc.assert(
    fc.property(amount, (cents) => {
      const lines = paymentLines('dj-ben', cents);
      const of = (account: string) => lines.find((line) => line.account === account)?.amountCents ?? 0;
      expect(of('tipjar')).toBe(cents);
      expect(of('platform') + cutCents(cents)).toBe(0);
      expect(of('dj:dj-ben')).toBe(cutCents(cents) - cents);
    }),
  );
});

test('a payment too small for a cut has no line for the platform', () => {
  expect(paymentLines('dj-ben', 3)).toEqual([
    { account: 'tipjar', amountCents: 3 },
    { account: 'dj:dj-ben', amountCents: -3 },
  ]);
});

test('money that is nobody’s goes to suspense whole', () => {
  expect(suspenseLines(5000)).toEqual([
    { account: 'tipjar', amountCents: 5000 },
    { account: 'suspense', amountCents: -5000 },
  ]);
});
