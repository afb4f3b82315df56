import * as z from 'zod';

export const money = z.number().meta({ description: 'Currency units, with at most two decimals' });

export const dayFigures = {
  totalCalls: z.int(),
  answeredCalls: z.int(),
  missedCalls: z.int(),
  voicemails: z.int(),
  bookedCalls: z.int(),
  tipjarLinksSent: z.int(),
  tipjarPaymentsReceived: z.int(),
  grossRevenue: money,
  refunds: money,
  totalRevenue: money,
  platformCut: money,
  djRevenue: money,
};

/** The seed's analytics and ours. totalRevenue is net of refunds and equals platformCut + djRevenue. */
export const analyticsReply = z.object({
  ...dayFigures,
  conversionRate: z
    .number()
    .meta({ description: 'Share of calls that were booked, in percent with one decimal' }),
  leadScoreBreakdown: z.object({ hot: z.int(), warm: z.int(), cold: z.int() }),
  eventTypeBreakdown: z.record(z.string(), z.int()),
  avgCallDuration: z.int().meta({ description: 'Average talk time of answered calls, in seconds' }),
  smsVariants: z
    .record(z.string(), z.object({ sent: z.int(), paid: z.int(), conversionRate: z.number() }))
    .meta({ description: 'The text variants: how often each was sent, and how often it led to a payment' }),
  series: z.array(z.object({ date: z.string(), ...dayFigures })),
});

/** Money that an admin said was a DJ's and no call's: it is in payouts and in no figure above. */
const withoutCallReply = z.object({ totalRevenue: money, platformCut: money, djRevenue: money }).meta({
  description: 'Assigned to the DJ without a call; by day (UTC) of booking, and in no other figure',
});

/** The analytics of one DJ. */
export const djAnalyticsReply = analyticsReply
  .extend({ withoutCall: withoutCallReply })
  .meta({ id: 'DjAnalytics' });
