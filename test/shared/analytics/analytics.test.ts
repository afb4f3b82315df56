import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyticsOf } from '#shared/analytics/analytics.ts';
import { analyticsReply } from '#shared/analytics/fields.ts';

test('nothing is all zeros', () => {
  expect(analyticsOf([])).toMatchObject({
    totalCalls: 0,
    conversionRate: 0,
    totalRevenue: 0,
    platformCut: 0,
    djRevenue: 0,
    avgCallDuration: 0,
    leadScoreBreakdown: { hot: 0, warm: 0, cold: 0 },
    eventTypeBreakdown: {},
    series: [],
  });
});

test('the days add up, with rates and means of the whole', () => {
  const answer = analyticsOf([
    {
      day: '2026-03-01',
      counters: {
        calls: 2,
        answered: 1,
        missed: 1,
        talkSeconds: 95,
        booked: 1,
        payments: 1,
        linksSent: 1,
        grossCents: 5000,
        cutCents: 750,
        lead_hot: 1,
        lead_cold: 1,
        event_wedding: 1,
        event_unknown: 1,
      },
    },
    {
      day: '2026-03-02',
      counters: {
        calls: 1,
        answered: 1,
        talkSeconds: 20,
        grossCents: 1000,
        refundedCents: 1000,
        payments: 1,
        lead_warm: 1,
        event_unknown: 1,
        event_gone: 0,
      },
    },
  ]);
  expect(answer).toMatchObject({
    totalCalls: 3,
    answeredCalls: 2,
    missedCalls: 1,
    bookedCalls: 1,
    conversionRate: 33.3,
    grossRevenue: 60,
    refunds: 10,
    totalRevenue: 50,
    platformCut: 7.5,
    djRevenue: 42.5,
    avgCallDuration: 58,
    leadScoreBreakdown: { hot: 1, warm: 1, cold: 1 },
    eventTypeBreakdown: { wedding: 1, unknown: 2 },
  });
  expect(answer.series.map(({ date, totalCalls, djRevenue }) => [date, totalCalls, djRevenue])).toEqual([
    ['2026-03-01', 2, 42.5],
    ['2026-03-02', 1, 0],
  ]);
});

test('revenue is always the cut and what the DJ gets, to the cent, in every day and in all', () => {
  const counters = fc.record({
    calls: fc.nat(50),
    answered: fc.nat(50),
    booked: fc.nat(50),
    talkSeconds: fc.nat(5000),
    grossCents: fc.nat(10_000_000),
    refundedCents: fc.nat(1_000_000),
    cutCents: fc.nat(1_000_000),
  });
  fc.assert(
    fc.property(fc.array(counters, { maxLength: 10 }), (all) => {
      const answer = analyticsOf(
        all.map((one, index) => ({ day: `2026-03-${String(index + 1).padStart(2, '0')}`, counters: one })),
      );
      expect(analyticsReply.safeParse(answer).success).toBe(true);
      const cents = (amount: number) => Math.round(amount * 100);
      for (const figures of [answer, ...answer.series]) {
        expect(cents(figures.totalRevenue)).toBe(cents(figures.platformCut) + cents(figures.djRevenue));
        expect(cents(figures.totalRevenue)).toBe(cents(figures.grossRevenue) - cents(figures.refunds));
      }
      expect(cents(answer.grossRevenue)).toBe(all.reduce((sum, one) => sum + one.grossCents, 0));
    }),
  );
});
