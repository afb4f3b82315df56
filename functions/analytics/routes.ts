import * as z from 'zod';
import { analyticsReply } from '#shared/analytics/fields.ts';
import { dayOrInstant, djProfileId, productContext } from '#shared/fields.ts';
import { route } from '#shared/http/route.ts';

export const getAnalytics = () =>
  route({
    method: 'GET',
    path: '/api/djdash/calls/analytics',
    summary: "A DJ's calls, bookings and revenue over a range of days",
    auth: ['admin', 'service', 'dj'],
    grants: ['stats:read', 'dj:read'],
    query: z.strictObject({
      dj_profile_id: djProfileId.optional(),
      start_date: dayOrInstant.optional(),
      end_date: dayOrInstant.optional(),
      product_context: productContext.optional(),
    }),
    status: 200,
    reply: z.object({ analytics: analyticsReply }),
  });
