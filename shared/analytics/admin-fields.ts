import * as z from 'zod';
import { analyticsReply, dayFigures, money } from './fields.ts';

/** By what DJs lead. */
export const leaderOrders = ['revenue', 'calls', 'conversion'] as const;

/** All DJs together, over a range of days. */
export const platformAnalyticsReply = analyticsReply
  .extend({
    start_date: z.string(),
    end_date: z.string(),
    djs: z.int().meta({ description: 'DJs with calls in the months of the range' }),
    previous: z
      .object({ start_date: z.string(), end_date: z.string(), ...dayFigures })
      .meta({ description: 'As many days before the range' }),
    trend: z
      .object({ totalCalls: z.number().nullable(), totalRevenue: z.number().nullable() })
      .meta({ description: 'Change from the days before, in percent; null if there was nothing before' }),
  })
  .meta({ id: 'PlatformAnalytics' });

/** A DJ in the list of leaders. */
export const topDjReply = z
  .object({
    rank: z.int(),
    dj_profile_id: z.string(),
    totalCalls: z.int(),
    answeredCalls: z.int(),
    bookedCalls: z.int(),
    conversionRate: z.number(),
    totalRevenue: money,
    platformCut: money,
    djRevenue: money,
  })
  .meta({ id: 'TopDj' });
