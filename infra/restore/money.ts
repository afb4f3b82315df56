import { isDeepStrictEqual } from 'node:util';
import type { CallId } from '#shared/id.ts';
import { paymentAfter } from '#shared/payments/book-payment.ts';
import type { Account } from '#shared/payments/ledger.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { linesOf, type Payment } from '#shared/payments/payment.ts';
import { type PaymentEvent, positionOf } from '#shared/payments/position.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import { absent, either, equals, every } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';
import type { Stage } from './stage.ts';

/** Everything that stands in the table of one payment. */
export interface KnownPayment {
  payment: Payment | undefined;
  events: PaymentEvent[];
  /** The sum of its lines, by account. */
  lines: Map<Account, number>;
}

/** What stands with a call as paid. */
export interface CallTotals {
  paidCents: number;
  refundedCents: number;
  cutCents: number;
  paymentCount: number;
}

const nothing: CallTotals = { paidCents: 0, refundedCents: 0, cutCents: 0, paymentCount: 0 };

/** True when the ledger has lines of a payment of which nothing else is left. */
export function isUnexplained({ payment, events, lines }: KnownPayment): boolean {
  return payment === undefined && events.length === 0 && [...lines.values()].some((cents) => cents !== 0);
}

/**
 * Makes a payment what its events come to, and posts what its lines lack: events and lines are only ever added, so that
 * both moments have theirs. True when something was wrong; `known` then has the payment as it is now.
 */
export async function mendPayment(
  { table, now }: Pick<Stage, 'table' | 'now'>,
  known: KnownPayment,
): Promise<boolean> {
  const payments = paymentRepository(table);
  const after = await paymentOf(known, payments, now());
  if (after === undefined) return false;
  const standing = [...known.lines].map(([account, amountCents]) => ({ account, amountCents }));
  const isRight =
    isDeepStrictEqual(after.booked, known.payment?.booked) && isSettled(standing, linesOf(after));
  if (isRight) return false;
  const mended = { ...after, revision: (known.payment?.revision ?? 0) + 1, updatedAt: now().toISOString() };
  await payments.mend(known.payment, mended, standing, now());
  known.payment = mended;
  return true;
}

async function paymentOf(
  { payment, events }: KnownPayment,
  payments: Pick<ReturnType<typeof paymentRepository>, 'callOf'>,
  now: Date,
): Promise<Payment | undefined> {
  const booked = positionOf(events);
  if (payment !== undefined) return events.length === 0 ? payment : { ...payment, booked };
  const told = events.find(({ type }) => type === 'payment.succeeded') ?? events[0];
  return told && paymentAfter(undefined, told, booked, await payments.callOf(told), now);
}

function isSettled(standing: ReturnType<typeof linesOf>, wanted: ReturnType<typeof linesOf>): boolean {
  const left = new Map<string, number>();
  for (const { account, amountCents } of wanted) left.set(account, (left.get(account) ?? 0) + amountCents);
  for (const { account, amountCents } of standing) left.set(account, (left.get(account) ?? 0) - amountCents);
  return [...left.values()].every((cents) => cents === 0);
}

/** Makes the totals of a call what its payments come to. True when they were wrong. */
export async function mendCallTotals(
  { table, now }: Pick<Stage, 'table' | 'now'>,
  callId: CallId,
  standing: CallTotals,
  wanted: CallTotals = nothing,
): Promise<boolean> {
  if (isDeepStrictEqual(standing, wanted)) return false;
  const unchanged = Object.entries(standing).map(([name, cents]) =>
    cents === 0 ? either(absent(name), equals(name, 0)) : equals(name, cents),
  );
  try {
    const set = { ...wanted, updatedAt: now().toISOString() };
    await table.update(keys.call(callId), { set }, every(...unchanged));
    return true;
  } catch (error) {
    // Paid this very moment: a repeated run finds it right, or mends it.
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
