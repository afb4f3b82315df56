// This folder books what TipJar reports of payments, refunds and disputes, and says what each DJ is owed.

import * as z from 'zod';
import type { CallId, DjProfileId, PaymentId, SessionId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';
import { cutCents } from '#shared/money.ts';
import { netOf } from './position.ts';

/** The currency of the ledger; another one is booked apart. */
export const platformCurrency = 'usd';

const instant = z.string();
const cents = z.int();

/** A payment as it is booked. */
export const storedPayment = z.object({
  paymentId: keptId<PaymentId>(),
  revision: z.int(),
  /** In small letters; of another one than the platform's it stays in suspense. */
  currency: z.string(),
  /** Whose it is; null is in suspense. */
  djProfileId: keptId<DjProfileId>().nullable(),
  callId: keptId<CallId>().nullable(),
  /** What its events name, whether that is known or not. */
  named: z.object({ callId: keptId<CallId>().nullable(), sessionId: keptId<SessionId>().nullable() }),
  booked: z.object({ grossCents: cents, refundedCents: cents, disputedCents: cents }),
  /** Why it is in suspense. */
  reason: z.string().nullable(),
  /** Who said whose it is, when no call did. */
  assignedBy: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
});

export type Payment = z.output<typeof storedPayment>;

/** What a payment adds to its call's totals; nothing without a call. */
export function totalsOf(payment: Payment | undefined) {
  if (payment?.callId == null) return { paidCents: 0, refundedCents: 0, cutCents: 0, paymentCount: 0 };
  const { booked } = payment;
  return {
    paidCents: booked.grossCents,
    refundedCents: booked.refundedCents + booked.disputedCents,
    cutCents: cutCents(netOf(booked)),
    paymentCount: booked.grossCents > 0 ? 1 : 0,
  };
}
