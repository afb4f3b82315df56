import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancesOf, difference, type Standing, storedTransfer } from '#shared/ledger/transfer.ts';

const standing: fc.Arbitrary<Standing> = fc.record({
  account: fc.constantFrom('dj:dj-ben', 'suspense'),
  against: fc.constantFrom('tipjar', 'platform'),
  kind: fc.constantFrom('payment', 'refund'),
  credit: fc.integer({ min: -100_000, max: 100_000 }),
});
const some = fc.array(standing, { maxLength: 8 });

const creditOf = (all: Standing[], account: string) =>
  all.filter((one) => one.account === account).reduce((sum, { credit }) => sum + credit, 0);

test('transfers lead from any balances to any others, are none of them empty, and sum to zero', () => {
  fc.assert(
    fc.property(some, some, (before, after) => {
      const transfers = difference(before, after);
      for (const transfer of transfers) expect(storedTransfer.parse(transfer)).toEqual(transfer);
      const balances = balancesOf(transfers);
      expect([...balances.values()].reduce((sum, amount) => sum + amount, 0)).toBe(0);
      for (const account of ['dj:dj-ben', 'suspense'])
        expect(creditOf(before, account) + (balances.get(account) ?? 0)).toBe(creditOf(after, account));
      expect(difference(after, before).length).toBe(transfers.length);
    }),
  );
});

test.each([{ amount: 0 }, { amount: -1 }, { amount: 0.5 }, { credit: 'tipjar' }])(
  'a transfer with %j is none',
  (wrong) => {
    const transfer = { debit: 'tipjar', credit: 'dj:dj-ben', amount: 1, kind: 'payment', ...wrong };
    expect(storedTransfer.safeParse(transfer).success).toBe(false);
  },
);
