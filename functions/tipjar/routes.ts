import * as z from 'zod';
import { djProfileId } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';
import { bookings, disputeOutcomes, paymentEventKinds } from '#shared/payments/fields.ts';

export const receivePayment = () =>
  route({
    method: 'POST',
    path: '/api/tipjar/webhook',
    summary: 'TipJar reports a payment, a refund or a dispute',
    auth: ['tipjar'],
    grants: [
      'tipjar:signature',
      'session:read',
      'call:read',
      'call:write',
      'payment:read',
      'payment:write',
      'ledger:append',
      'balance:write',
    ],
    body: z.object({
      id: freeText.min(1).max(128),
      type: z.enum(paymentEventKinds),
      created: z.union([z.int().min(0).max(4_102_444_800), z.iso.datetime({ offset: true })]),
      data: z.object({
        payment_id: freeText.min(1).max(128),
        session_id: freeText.min(1).max(128).optional(),
        call_id: freeText.max(64).optional(),
        dj_profile_id: djProfileId.optional(),
        refund_id: freeText.min(1).max(128).optional(),
        outcome: z.enum(disputeOutcomes).optional(),
        amount_cents: z.int().min(1).max(100_000_000),
        currency: freeText.length(3).toLowerCase(),
      }),
    }),
    status: 200,
    reply: z.object({ result: z.enum(bookings) }),
  });
