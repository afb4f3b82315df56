import type * as z from 'zod';
import { toDecimal } from '#shared/money.ts';
import type { analyticsReply } from './fields.ts';
import type { DayCounters } from './stats.repository.ts';

type Analytics = z.input<typeof analyticsReply>;
type Counters = DayCounters['counters'];

/** A DJ's analytics over some days, in the API's words. */
export function analyticsOf(days: DayCounters[]): Analytics {
  const sums: Record<string, number> = {};
  for (const { counters } of days) {
    for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
  }
  const calls = sums.calls ?? 0;
  const answered = sums.answered ?? 0;
  return {
    ...figures(sums),
    conversionRate: calls === 0 ? 0 : Math.round(((sums.booked ?? 0) * 1000) / calls) / 10,
    leadScoreBreakdown: { hot: sums.lead_hot ?? 0, warm: sums.lead_warm ?? 0, cold: sums.lead_cold ?? 0 },
    eventTypeBreakdown: Object.fromEntries(
      Object.entries(sums)
        .filter(([name, value]) => name.startsWith('event_') && value !== 0)
        .map(([name, value]) => [name.slice('event_'.length), value]),
    ),
    avgCallDuration: answered === 0 ? 0 : Math.round((sums.talkSeconds ?? 0) / answered),
    series: days.map(({ day, counters }) => ({ date: day, ...figures(counters) })),
  };
}

function figures(counters: Counters) {
  const net = (counters.grossCents ?? 0) - (counters.refundedCents ?? 0);
  const cut = counters.cutCents ?? 0;
  return {
    totalCalls: counters.calls ?? 0,
    answeredCalls: counters.answered ?? 0,
    missedCalls: counters.missed ?? 0,
    voicemails: counters.voicemails ?? 0,
    bookedCalls: counters.booked ?? 0,
    tipjarLinksSent: counters.linksSent ?? 0,
    tipjarPaymentsReceived: counters.payments ?? 0,
    grossRevenue: toDecimal(counters.grossCents ?? 0),
    refunds: toDecimal(counters.refundedCents ?? 0),
    totalRevenue: toDecimal(net),
    platformCut: toDecimal(cut),
    djRevenue: toDecimal(net - cut),
  };
}
