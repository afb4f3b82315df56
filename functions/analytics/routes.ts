import * as z from 'zod';
import { leaderOrders, platformAnalyticsReply, topDjReply } from '#shared/analytics/admin-fields.ts';
import { djAnalyticsReply } from '#shared/analytics/fields.ts';
import { day, dayOrInstant, djProfileId, limit, month, productContext } from '#shared/fields.ts';
import { route } from '#shared/http/route.ts';

export const getAnalytics = () =>
  route({
    method: 'GET',
    path: '/api/djdash/calls/analytics',
    summary: "A DJ's calls, bookings and revenue over a range of days",
    auth: ['admin', 'service', 'dj'],
    grants: ['stats:read', 'dj:read', 'balance:read'],
    query: z.strictObject({
      dj_profile_id: djProfileId.optional(),
      start_date: dayOrInstant.optional(),
      end_date: dayOrInstant.optional(),
      product_context: productContext.optional(),
    }),
    status: 200,
    reply: z.object({ analytics: djAnalyticsReply }),
  });

export const getPlatformAnalytics = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/analytics',
    summary:
      'Calls and revenue of all DJs together, by day, compared with as many days before; the last 30 days by default',
    auth: ['admin', 'service'],
    grants: ['stats:read'],
    query: z.strictObject({ start_date: day.optional(), end_date: day.optional() }),
    status: 200,
    reply: z.object({ analytics: platformAnalyticsReply }),
  });

export const listTopDjs = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/top-djs',
    summary: 'The leading DJs of a month, by revenue, calls or conversion',
    auth: ['admin', 'service'],
    grants: ['stats:read'],
    query: z.strictObject({
      month: month.optional(),
      by: z.enum(leaderOrders).default('revenue'),
      min_calls: z.coerce.number('must be a number').int().min(0).max(100_000).default(0),
      limit: limit.default(10),
    }),
    status: 200,
    reply: z.object({ month: z.string(), by: z.string(), djs: z.array(topDjReply) }),
  });
