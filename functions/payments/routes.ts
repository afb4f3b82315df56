import * as z from 'zod';
import { callId, cursor, djProfileId, limit, month } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';
import { paymentReply, payoutReply, revenueReply } from '#shared/payments/fields.ts';

export const listPayments = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/payments',
    summary: 'List payments of which nobody knows whose they are, oldest first',
    auth: ['admin'],
    grants: ['unmatched:read', 'cursors:key'],
    query: z.strictObject({
      unmatched: z.stringbool({ error: 'must be true or false' }).optional(),
      limit,
      cursor: cursor.optional(),
    }),
    status: 200,
    reply: z.object({ payments: z.array(paymentReply), next_cursor: z.string().nullable() }),
  });

export const assignPayment = () =>
  route({
    method: 'POST',
    path: '/api/djdash/admin/payments/{id}/assign',
    summary: "Say whose a payment in suspense is: a call's, or a DJ's without a call",
    auth: ['admin'],
    grants: [
      'call:read',
      'call:write',
      'payment:read',
      'payment:write',
      'ledger:append',
      'idempotency:read',
      'idempotency:write',
    ],
    params: z.object({ id: freeText.min(1).max(128) }),
    body: z
      .strictObject({
        call_id: callId.optional(),
        dj_profile_id: djProfileId.optional(),
      })
      .refine(
        (body) => (body.call_id === undefined) !== (body.dj_profile_id === undefined),
        'must name either call_id or dj_profile_id',
      ),
    status: 200,
    reply: z.object({ payment: paymentReply }),
  });

export const showPayout = () =>
  route({
    method: 'GET',
    path: '/api/djdash/payouts',
    summary: 'What a DJ is owed for a month, line by line of the ledger, as JSON or CSV',
    auth: ['admin', 'service', 'dj'],
    grants: ['ledger:read'],
    query: z.strictObject({
      dj_profile_id: djProfileId.optional(),
      month,
      format: z.enum(['json', 'csv']).default('json'),
    }),
    status: 200,
    reply: z.object({ payout: payoutReply }),
  });

export const showRevenue = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/revenue',
    summary: 'Revenue of a month by day of the ledger',
    auth: ['admin'],
    grants: ['ledger:read'],
    query: z.strictObject({ month }),
    status: 200,
    reply: z.object({ revenue: revenueReply }),
  });
