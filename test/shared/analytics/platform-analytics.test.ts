import { describe, expect, test } from 'vitest';
import { leadersOf, platformAnalytics } from '#shared/analytics/platform-analytics.ts';
import type { DjProfileId } from '#shared/id.ts';

const dj = (djProfileId: DjProfileId, calls: number, booked: number, gross: number, refunded = 0) => ({
  djProfileId,
  counters: {
    calls,
    booked,
    grossCents: gross,
    refundedCents: refunded,
    cutCents: Math.round((gross - refunded) * 0.15),
  },
});
const djs = [
  dj('dj-a' as DjProfileId, 10, 5, 9000, 8000),
  dj('dj-b' as DjProfileId, 40, 4, 5000),
  dj('dj-c' as DjProfileId, 40, 2, 5000),
  dj('dj-d' as DjProfileId, 1, 1, 0),
  dj('dj-e' as DjProfileId, 0, 0, 0),
];
const leaders = (by: 'revenue' | 'calls' | 'conversion', more = {}) =>
  leadersOf(djs, by, { limit: 10, callsMin: 0, ...more });

describe('the leaders of a month', () => {
  test.each([
    ['revenue', ['dj-b', 'dj-c', 'dj-a', 'dj-d']],
    ['calls', ['dj-b', 'dj-c', 'dj-a', 'dj-d']],
    ['conversion', ['dj-d', 'dj-a', 'dj-b', 'dj-c']],
  ] as const)('by %s are in order, those without a call left out', (by, order) => {
    expect(leaders(by).map(({ dj_profile_id }) => dj_profile_id)).toEqual(order);
    expect(leaders(by).map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
  });

  test('may need some calls, and be few', () => {
    expect(leaders('conversion', { callsMin: 5, limit: 1 })).toEqual([
      {
        rank: 1,
        dj_profile_id: 'dj-a',
        totalCalls: 10,
        answeredCalls: 0,
        bookedCalls: 5,
        conversionRate: 50,
        totalRevenue: 10,
        platformCut: 1.5,
        djRevenue: 8.5,
      },
    ]);
  });
});

test('the platform is shown against as many days before, month by month', async () => {
  const asked: unknown[] = [];
  const stats = {
    async platformDays(range: { from: string; to: string }) {
      asked.push(range);
      return range.from === '2026-02-27'
        ? [{ day: '2026-02-28', counters: { calls: 8 } }]
        : [{ day: '2026-03-02', counters: { calls: 10, grossCents: 5000, cutCents: 750 } }];
    },
    async djsOfMonth(month: string) {
      asked.push(month);
      return [
        dj('dj-a' as DjProfileId, 3, 0, 0),
        dj(`dj-${month}` as DjProfileId, 1, 0, 0),
        dj('dj-e' as DjProfileId, 0, 0, 0),
      ];
    },
  };
  const shown = await platformAnalytics({ stats }, { from: '2026-03-01', to: '2026-04-01' });
  expect(asked).toEqual([
    { from: '2026-03-01', to: '2026-04-01' },
    { from: '2026-01-28', to: '2026-02-28' },
    '2026-03',
    '2026-04',
  ]);
  expect(shown).toMatchObject({ djs: 3, totalCalls: 10, trend: { totalCalls: 0, totalRevenue: 0 } });
  const short = await platformAnalytics({ stats }, { from: '2026-03-01', to: '2026-03-02' });
  expect(short).toMatchObject({
    previous: { start_date: '2026-02-27', end_date: '2026-02-28', totalCalls: 8 },
    trend: { totalCalls: 25, totalRevenue: null },
  });
});
