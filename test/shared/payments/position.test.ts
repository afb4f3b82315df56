import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PaymentEventId, PaymentId } from '#shared/id.ts';
import { netOf, type PaymentEvent, positionOf } from '#shared/payments/position.ts';

let events = 0;
const told = (type: PaymentEvent['type'], more: Partial<PaymentEvent> = {}): PaymentEvent => ({
  eventId: `evt_${++events}` as PaymentEventId,
  type,
  happenedAt: `2026-03-02T18:00:${String(events % 60).padStart(2, '0')}.000Z`,
  paymentId: 'pay_1' as PaymentId,
  sessionId: undefined,
  callId: undefined,
  refundId: undefined,
  outcome: undefined,
  amountCents: 5000,
  currency: 'usd',
  ...more,
});
const at = (second: number) => ({ happenedAt: `2026-03-02T19:00:${String(second).padStart(2, '0')}.000Z` });
const paid = told('payment.succeeded', at(0));

describe('a payment', () => {
  test.each<[string, PaymentEvent[], [number, number, number]]>([
    ['that succeeded', [paid], [5000, 0, 0]],
    ['of which only a refund is known', [told('payment.refunded')], [0, 0, 0]],
    [
      'refunded in parts',
      [
        paid,
        told('payment.refunded', { amountCents: 1000, refundId: 'r1' }),
        told('payment.refunded', { amountCents: 500, refundId: 'r2' }),
      ],
      [5000, 1500, 0],
    ],
    [
      'whose one refund was told under two event ids',
      [
        paid,
        told('payment.refunded', { amountCents: 1000, refundId: 'r1' }),
        told('payment.refunded', { amountCents: 1000, refundId: 'r1' }),
      ],
      [5000, 1000, 0],
    ],
    [
      'refunded for more than it was',
      [paid, told('payment.refunded', { amountCents: 9000 })],
      [5000, 5000, 0],
    ],
    ['refunded in another currency', [paid, told('payment.refunded', { currency: 'eur' })], [5000, 0, 0]],
    ['disputed', [paid, told('payment.disputed', at(1))], [5000, 0, 5000]],
    [
      'whose dispute was won',
      [paid, told('payment.disputed', at(1)), told('payment.dispute_closed', { ...at(2), outcome: 'won' })],
      [5000, 0, 0],
    ],
    [
      'whose dispute was lost',
      [paid, told('payment.disputed', at(1)), told('payment.dispute_closed', { ...at(2), outcome: 'lost' })],
      [5000, 0, 5000],
    ],
    [
      'disputed again after a dispute that was won',
      [
        paid,
        told('payment.disputed', at(1)),
        told('payment.dispute_closed', { ...at(2), outcome: 'won' }),
        told('payment.disputed', { ...at(3), amountCents: 700 }),
      ],
      [5000, 0, 700],
    ],
    [
      'refunded in part, then disputed whole',
      [paid, told('payment.refunded', { ...at(1), amountCents: 2000 }), told('payment.disputed', at(2))],
      [5000, 2000, 3000],
    ],
  ])('%s', (_what, all, [grossCents, refundedCents, disputedCents]) => {
    expect(positionOf(all)).toEqual({ grossCents, refundedCents, disputedCents });
  });
});

const anyEvent = fc
  .record({
    type: fc.constantFrom<PaymentEvent['type'][]>(
      'payment.succeeded',
      'payment.refunded',
      'payment.disputed',
      'payment.dispute_closed',
    ),
    second: fc.nat(59),
    amountCents: fc.integer({ min: 1, max: 9000 }),
    refundId: fc.constantFrom(undefined, 'r1', 'r2'),
    outcome: fc.constantFrom('won' as const, 'lost' as const),
    currency: fc.constantFrom('usd', 'usd', 'eur'),
  })
  .map(({ second, type, ...more }) => told(type, { ...more, ...at(second) }));

test('in whatever order and however often its events are told, a payment comes to the same', () => {
  const history = fc.array(anyEvent, { maxLength: 8 });
  const reordered = history.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
  );
  fc.assert(
    fc.property(reordered, ([all, again]) => {
      expect(positionOf(again)).toEqual(positionOf(all));
    }),
  );
});

test('what is left is never negative and never more than was paid', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 8 }), (all) => {
      const position = positionOf(all);
      expect(netOf(position)).toBeGreaterThanOrEqual(0);
      expect(netOf(position)).toBeLessThanOrEqual(position.grossCents);
    }),
  );
});
