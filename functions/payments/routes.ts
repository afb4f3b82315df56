import * as z from 'zod';
import { callId, cursor, dayOrInstant, djProfileId, limit, month } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';
import {
  monthPayoutsReply,
  paidReply,
  paymentReply,
  paymentStates,
  payoutReply,
  revenueReply,
} from '#shared/payments/fields.ts';

const format = z.enum(['json', 'csv']).default('json');

export const listPayments = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/payments',
    summary: 'List all payments, newest first, or only unmatched ones, oldest first',
    auth: ['admin'],
    grants: ['unmatched:read', 'paymentDays:read', 'payment:read', 'ledger:read', 'cursors:key'],
    query: z
      .strictObject({
        unmatched: z.stringbool({ error: 'must be true or false' }).optional(),
        dj_profile_id: djProfileId.optional(),
        status: z.enum(paymentStates).optional(),
        start_date: dayOrInstant.optional(),
        end_date: dayOrInstant.optional(),
        limit,
        cursor: cursor.optional(),
      })
      .refine(
        (query) =>
          query.unmatched !== true ||
          [query.dj_profile_id, query.status, query.start_date, query.end_date].every(
            (value) => value === undefined,
          ),
        'unmatched=true lists all payments in suspense and takes no other filter',
      ),
    status: 200,
    reply: z.object({ payments: z.array(paymentReply), next_cursor: z.string().nullable() }),
  });

export const assignPayment = () =>
  route({
    method: 'POST',
    path: '/api/djdash/admin/payments/{id}/assign',
    summary: 'Assign a payment in suspense to a call, or to a DJ without a call',
    auth: ['admin'],
    grants: [
      'call:read',
      'call:write',
      'payment:read',
      'payment:write',
      'ledger:append',
      'balance:write',
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
    failures: ['ILLEGAL_STATE'],
  });

export const showPayout = () =>
  route({
    method: 'GET',
    path: '/api/djdash/payouts',
    summary: 'What a DJ is owed for a month, line by line of the ledger, as JSON or CSV',
    auth: ['admin', 'service', 'dj'],
    grants: ['ledger:read', 'balance:read'],
    query: z.strictObject({
      dj_profile_id: djProfileId.optional(),
      month,
      format,
    }),
    status: 200,
    reply: z.object({ payout: payoutReply }),
    file: 'text/csv',
  });

export const listPayouts = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/payouts',
    summary: 'What all DJs are owed for a month, by payments, refunds and disputes, as JSON or CSV',
    auth: ['admin'],
    grants: ['ledger:read', 'balance:read', 'dj:read'],
    query: z.strictObject({ month, format }),
    status: 200,
    reply: z.object({ payouts: monthPayoutsReply }),
    file: 'text/csv',
    failures: ['ILLEGAL_STATE'],
  });

export const markPaid = () =>
  route({
    method: 'POST',
    path: '/api/djdash/admin/payouts/paid',
    summary: 'Record that a DJ was paid for a month, under a reference; repeating it changes nothing',
    auth: ['admin'],
    grants: ['ledger:read', 'balance:read', 'balance:write', 'idempotency:read', 'idempotency:write'],
    body: z.strictObject({
      dj_profile_id: djProfileId,
      month,
      reference: freeText.trim().min(1).max(120),
    }),
    status: 200,
    reply: z.object({ paid: paidReply.extend({ dj_profile_id: z.string(), month: z.string() }) }),
    failures: ['ILLEGAL_STATE'],
  });

export const showRevenue = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/revenue',
    summary: 'Revenue of a month by day of the ledger',
    auth: ['admin', 'service'],
    grants: ['ledger:read', 'balance:read'],
    query: z.strictObject({ month, format }),
    status: 200,
    reply: z.object({ revenue: revenueReply }),
    file: 'text/csv',
  });
