import * as z from 'zod';
import { moneyKinds } from './money-kinds.ts';

/** By which payments can be listed; one that was refunded or disputed is so whether it is booked or not. */
export const paymentStates = ['booked', 'suspense', 'refunded', 'disputed'] as const;

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

/** A payment, as admins see it. */
export const paymentReply = z
  .object({
    id: z.string().meta({ description: "TipJar's payment id" }),
    amount: amount.meta({ description: 'What is left of it after refunds, in currency units' }),
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
  })
  .meta({ id: 'Payment' });

const zone = z.string().meta({ description: 'Of the days and months: UTC' });

const cents = {
  gross: amount.meta({ description: 'What TipJar took in, less what it refunded' }),
  fee: amount.meta({ description: "The platform's cut of it" }),
  net: amount.meta({ description: 'What is left for the DJ' }),
};

const kinds = z.array(
  z.object({
    kind: z
      .enum(moneyKinds)
      .meta({ description: 'Refunds and disputes are negative; a dispute that was won is positive' }),
    ...cents,
  }),
);

/** That a DJ was paid for a month. */
export const paidReply = z
  .object({
    amount,
    reference: z.string(),
    at: z.string(),
    by: z.string(),
  })
  .meta({ id: 'PaidMark' });

const carriedForward = amount.meta({
  description:
    'Carried forward from the months before; usually negative, when more was refunded than a month brought in',
});
const due = amount.meta({
  description: 'To be paid for the month: net plus what was carried forward, if that is above zero',
});

/** What a DJ is owed for a month: every line of their account in the ledger, and their sum. */
export const payoutReply = z
  .object({
    dj_profile_id: z.string(),
    month: z.string(),
    time_zone: zone,
    currency: z.string(),
    total: amount.meta({ description: 'Exactly the sum of the lines' }),
    gross: cents.gross
      .nullable()
      .meta({ description: 'Null, like the next fields, while the ledger of earlier months is being moved' }),
    fee: cents.fee.nullable(),
    kinds: kinds.nullable(),
    carried_forward: carriedForward.nullable(),
    due: due.nullable(),
    paid: paidReply.nullable(),
    days: z.array(z.object({ date: z.string(), amount })),
    lines: z.array(
      z.object({
        at: z.string(),
        payment_id: z.string(),
        call_id: z.string().nullable(),
        amount: amount.meta({ description: 'Negative if a refund or dispute took it back' }),
      }),
    ),
  })
  .meta({ id: 'Payout' });

/** What all DJs are owed for a month. */
export const monthPayoutsReply = z
  .object({
    month: z.string(),
    time_zone: zone,
    currency: z.string(),
    is_over: z.boolean().meta({ description: 'Nothing more is booked in this month' }),
    ...cents,
    carried_forward: carriedForward,
    due,
    djs: z.array(
      z.object({
        dj_profile_id: z.string(),
        name: z.string().nullable(),
        ...cents,
        kinds,
        carried_forward: carriedForward,
        due,
        paid: paidReply.nullable(),
      }),
    ),
  })
  .meta({ id: 'MonthPayouts' });

/** What came in by day of the ledger (UTC), and who has it. */
export const revenueReply = z
  .object({
    month: z.string(),
    time_zone: zone,
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
  })
  .meta({ id: 'Revenue' });
