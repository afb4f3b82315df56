import * as z from 'zod';

/** What TipJar reports. */
export const paymentEventKinds = [
  'payment.succeeded',
  'payment.refunded',
  'payment.disputed',
  'payment.dispute_closed',
] as const;

/** How a dispute ended. */
export const disputeOutcomes = ['won', 'lost'] as const;

/** What came of an event: `kept` is known and changes nothing yet. */
export const bookings = ['booked', 'duplicate', 'suspense', 'kept'] as const;

const amount = z.number().meta({ description: 'In currency units' });

/** A payment in suspense, as admins see it. */
export const paymentReply = z.object({
  id: z.string().meta({ description: "TipJar's payment id" }),
  amount: amount.meta({ description: 'What is left of it, in currency units' }),
  currency: z.string(),
  status: z.enum(['booked', 'suspense']),
  reason: z.string().nullable().meta({ description: 'Why it is in suspense' }),
  dj_profile_id: z.string().nullable(),
  call_id: z.string().nullable(),
  named_call_id: z.string().nullable(),
  named_session_id: z.string().nullable(),
  refunded: amount,
  disputed: amount,
  assigned_by: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});

/** What a DJ is owed for a month: every line of his account in the ledger, and their sum. */
export const payoutReply = z.object({
  dj_profile_id: z.string(),
  month: z.string(),
  currency: z.string(),
  total: amount.meta({ description: 'Exactly the sum of the lines' }),
  days: z.array(z.object({ date: z.string(), amount })),
  lines: z.array(
    z.object({
      at: z.string(),
      payment_id: z.string(),
      call_id: z.string().nullable(),
      amount: amount.meta({ description: 'Negative where a refund or dispute took it back' }),
    }),
  ),
});

/** What came in by day of the ledger (UTC), and who has it. */
export const revenueReply = z.object({
  month: z.string(),
  currency: z.string(),
  totalRevenue: amount.meta({ description: 'Net of refunds and disputes' }),
  platformCut: amount,
  djRevenue: amount,
  suspense: amount,
  days: z.array(
    z.object({
      date: z.string(),
      totalRevenue: amount,
      platformCut: amount,
      djRevenue: amount,
      suspense: amount,
    }),
  ),
});
