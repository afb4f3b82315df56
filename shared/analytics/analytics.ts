// This folder counts calls and revenue by day, for each DJ and for all together, and shows what the counters say.

import type * as z from 'zod';
import { toDecimal } from '#shared/money.ts';
import type { analyticsReply } from './fields.ts';
import type { DayCounters } from './stats.repository.ts';

type Analytics = z.input<typeof analyticsReply>;
type Counters = DayCounters['counters'];

/** Analytics over some days, of a DJ or of all, in the API's words. */
export function analyticsOf(days: DayCounters[]): Analytics {
  const sums = sumOf(days);
  const calls = sums.calls ?? 0;
  const answered = sums.answered ?? 0;
  return {
    ...figures(sums),
    conversionRate: percent(sums.booked ?? 0, calls),
    leadScoreBreakdown: { hot: sums.lead_hot ?? 0, warm: sums.lead_warm ?? 0, cold: sums.lead_cold ?? 0 },
    eventTypeBreakdown: Object.fromEntries(
      Object.entries(sums)
        .filter(([name, value]) => name.startsWith('event_') && value !== 0)
        .map(([name, value]) => [name.slice('event_'.length), value]),
    ),
    avgCallDuration: answered === 0 ? 0 : Math.round((sums.talkSeconds ?? 0) / answered),
    smsVariants: variantsOf(sums),
    series: days.map(({ day, counters }) => ({ date: day, ...figures(counters) })),
  };
}

/** Every counter, added up over the days. */
export function sumOf(days: Pick<DayCounters, 'counters'>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { counters } of days) {
    for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

/** In percent, with one decimal. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part * 1000) / whole) / 10;
}

function variantsOf(sums: Record<string, number>): Analytics['smsVariants'] {
  const sent = Object.entries(sums).filter(([name, value]) => name.startsWith('sent_') && value !== 0);
  return Object.fromEntries(
    sent.map(([counter, count]) => {
      const name = counter.slice('sent_'.length);
      const paid = sums[`paid_${name}`] ?? 0;
      return [name, { sent: count, paid, conversionRate: percent(paid, count) }];
    }),
  );
}

/** The figures of a day, or of a sum of days. */
export function figures(counters: Counters) {
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
