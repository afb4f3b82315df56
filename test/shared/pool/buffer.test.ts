import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buffer, bufferTarget, missingNumbers } from '#shared/pool/buffer.ts';

describe('the buffer', () => {
  test('that is full and not drawn upon says so', () => {
    expect(buffer({ free: 15, total: 100, assignments: 0 }, 0.15)).toEqual({
      available: 15,
      target: 15,
      belowTarget: false,
      assignmentsLast30Days: 0,
      daysLeft: null,
      advice: 'Enough free numbers; none was needed in 30 days',
    });
  });

  test('tells how long it lasts at the rate of 30 days, and how many to buy', () => {
    expect(buffer({ free: 5, total: 20, assignments: 30 }, 0.15)).toMatchObject({
      belowTarget: false,
      daysLeft: 5,
      advice: 'Buy 9; 30 number(s) went to DJs in 30 days: the free ones last 5 days',
    });
  });

  test('that is empty lasts no day', () => {
    expect(buffer({ free: 0, total: 3, assignments: 1 }, 0.15)).toMatchObject({
      daysLeft: 0,
      belowTarget: true,
    });
  });
});

test('what is missing fills the buffer, and one less would not', () => {
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.nat(200),
      fc.nat(300),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (free, held, assignments, share) => {
        const total = free + held;
        const missing = missingNumbers({ free, total, assignments }, share);
        const enough = (bought: number) =>
          free + bought >= bufferTarget(total + bought, share) &&
          free + bought >= Math.ceil((assignments / 30) * 14);
        expect(enough(missing)).toBe(true);
        if (missing > 0) expect(enough(missing - 1)).toBe(false);
      },
    ),
  );
});
