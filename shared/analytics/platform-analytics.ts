import type * as z from 'zod';
import { dayPlus } from '#shared/clock.ts';
import type { leaderOrders, platformAnalyticsReply, topDjReply } from './admin-fields.ts';
import { analyticsOf, figures, percent, sumOf } from './analytics.ts';
import type { DayCounters, StatsRepository } from './stats.repository.ts';

type PlatformAnalytics = z.input<typeof platformAnalyticsReply>;
type TopDj = z.input<typeof topDjReply>;

/** Days, both inclusive. */
interface Range {
  from: string;
  to: string;
}

/** How many days all DJs together are shown at once: a year and the day that a leap year has more. */
export const daysShownMax = 366;

/** All DJs together over a range of days, against as many days before it. */
export async function platformAnalytics(
  { stats }: { stats: Pick<StatsRepository, 'platformDays' | 'djsOfMonth'> },
  range: Range,
): Promise<PlatformAnalytics> {
  const before = rangeBefore(range);
  const [days, daysBefore, ...months] = await Promise.all([
    stats.platformDays(range),
    stats.platformDays(before),
    ...monthsOf(range).map((month) => stats.djsOfMonth(month)),
  ]);
  const djs = months.flat().filter(({ counters }) => (counters.calls ?? 0) > 0);
  const [is, was] = [figures(sumOf(days)), figures(sumOf(daysBefore))];
  return {
    ...analyticsOf(days),
    start_date: range.from,
    end_date: range.to,
    djs: new Set(djs.map(({ djProfileId }) => djProfileId)).size,
    previous: { start_date: before.from, end_date: before.to, ...was },
    trend: {
      totalCalls: change(was.totalCalls, is.totalCalls),
      totalRevenue: change(was.totalRevenue, is.totalRevenue),
    },
  };
}

/** The DJs of a month who lead by revenue (net), calls or conversion; of equal ones the DJ with more calls comes first. */
export function leadersOf(
  djs: ({ djProfileId: string } & Pick<DayCounters, 'counters'>)[],
  by: (typeof leaderOrders)[number],
  { limit, callsMin }: { limit: number; callsMin: number },
): TopDj[] {
  const records = djs
    .map(({ djProfileId, counters }) => ({ djProfileId, ...figures(counters) }))
    .filter(({ totalCalls }) => totalCalls >= Math.max(callsMin, 1))
    .map((dj) => ({ ...dj, conversionRate: percent(dj.bookedCalls, dj.totalCalls) }));
  const value = (dj: (typeof records)[number]) =>
    by === 'revenue' ? dj.totalRevenue : by === 'calls' ? dj.totalCalls : dj.conversionRate;
  return records
    .toSorted(
      (a, b) =>
        value(b) - value(a) || b.totalCalls - a.totalCalls || (a.djProfileId < b.djProfileId ? -1 : 1),
    )
    .slice(0, limit)
    .map((dj, index) => ({
      rank: index + 1,
      dj_profile_id: dj.djProfileId,
      totalCalls: dj.totalCalls,
      answeredCalls: dj.answeredCalls,
      bookedCalls: dj.bookedCalls,
      conversionRate: dj.conversionRate,
      totalRevenue: dj.totalRevenue,
      platformCut: dj.platformCut,
      djRevenue: dj.djRevenue,
    }));
}

function change(before: number, now: number): number | null {
  return before === 0 ? null : percent(now - before, before);
}

function rangeBefore({ from, to }: Range): Range {
  const days = daysBetween(from, to) + 1;
  return { from: dayPlus(from, -days), to: dayPlus(from, -1) };
}

/** Whole days from one to the other. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

function monthsOf({ from, to }: Range): string[] {
  const months: string[] = [];
  for (let day = `${from.slice(0, 7)}-01`; day <= to; day = `${dayPlus(day, 31).slice(0, 7)}-01`)
    months.push(day.slice(0, 7));
  return months;
}
