import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutCents, toDecimal } from '#shared/money.ts';

const amount = fc.integer({ min: 0, max: 100_000_000 });

test.each([
  [5000, 750],
  [1, 0],
  [3, 0],
  [4, 1],
  [10, 2],
  [30, 5],
  [9999, 1500],
  [0, 0],
])('of %i cents the platform keeps %i', (cents, cut) => {
  expect(cutCents(cents)).toBe(cut);
});

test('the cut is 15 %, half up, exactly as big integers have it', () => {
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 10_000 }), (cents, basisPoints) => {
      const exact = (BigInt(cents) * BigInt(basisPoints) + 5000n) / 10_000n;
      expect(cutCents(cents, basisPoints)).toBe(Number(exact));
    }),
  );
});

test('cut and rest are whole cents, never below zero, and add up to the amount', () => {
  fc.assert(
    fc.property(amount, (cents) => {
      const cut = cutCents(cents);
      const rest = cents - cut;
      expect(Number.isInteger(cut) && cut >= 0 && rest >= 0).toBe(true);
      expect(cut + rest).toBe(cents);
    }),
  );
});

test('a larger payment never has a smaller cut', () => {
  fc.assert(fc.property(amount, amount, (a, b) => cutCents(Math.min(a, b)) <= cutCents(Math.max(a, b))));
});

test('cents come out as a decimal number that reads back as the same cents', () => {
  fc.assert(
    fc.property(amount, (cents) => {
      expect(String(toDecimal(cents))).toMatch(/^\d+(\.\d{1,2})?$/);
      expect(Math.round(toDecimal(cents) * 100)).toBe(cents);
    }),
  );
  expect(toDecimal(4250)).toBe(42.5);
});
