import { isDeepStrictEqual } from 'node:util';
import type { CallId } from '#shared/id.ts';
import { difference, type Standing } from '#shared/ledger/transfer.ts';
import { paymentAfter } from '#shared/payments/book-payment.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import type { Payment } from '#shared/payments/payment.ts';
import { type PaymentEvent, positionOf } from '#shared/payments/position.ts';
import { standingOf } from '#shared/payments/standing.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import { absent, either, equals, every } from '#shared/table/conditions.ts';
import { keys } from '#shared/table/keys.ts';
import type { Stage } from './stage.ts';

/** Everything that stands in the table of one payment. */
export interface KnownPayment {
  payment: Payment | undefined;
  events: PaymentEvent[];
  /** What its entries come to. */
  standing: Standing[];
  /** What those come to that were made of lines. */
  moved: Standing[];
  /** What its lines come to by account, of before there were entries. */
  lines: Map<string, number>;
}

/** What stands with a call as paid. */
export interface CallTotals {
  paidCents: number;
  refundedCents: number;
  cutCents: number;
  paymentCount: number;
}

const nothing: CallTotals = { paidCents: 0, refundedCents: 0, cutCents: 0, paymentCount: 0 };

/** True when the ledger has money of a payment of which nothing else is left. */
export function isUnexplained(known: KnownPayment): boolean {
  const hasMoney =
    difference([], known.standing).length > 0 || [...known.lines.values()].some((cents) => cents !== 0);
  return known.payment === undefined && known.events.length === 0 && hasMoney;
}

/**
 * Makes a payment what its events come to, and posts what the ledger lacks of it: events and entries are only ever added, so
 * that both moments have theirs. True when something was wrong; `known` then has the payment as it is now.
 */
export async function mendPayment(
  { table, now }: Pick<Stage, 'table' | 'now'>,
  known: KnownPayment,
  isMoved: boolean,
): Promise<boolean> {
  const payments = paymentRepository(table);
  const after = await paymentOf(known, payments, now());
  if (after === undefined) return false;
  // Lines count until all of them are entries, and never both.
  const standing = [...known.standing, ...(isMoved ? known.moved : standingOfLines(known.lines))];
  const isRight =
    isDeepStrictEqual(after.booked, known.payment?.booked) && isSettled(standing, standingOf(after));
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
  const source = events.find(({ type }) => type === 'payment.succeeded') ?? events[0];
  return source && paymentAfter(undefined, source, booked, await payments.callOf(source), now);
}

/** Lines do not say what they are for; what is posted to make up for them says payment. */
function standingOfLines(lines: ReadonlyMap<string, number>): Standing[] {
  const cut = 0 - (lines.get('platform') ?? 0);
  return [...lines]
    .filter(([account]) => account !== 'tipjar' && account !== 'platform')
    .flatMap(([account, cents]) => {
      const fee = account === 'suspense' ? 0 : cut;
      return [
        { account, against: 'tipjar', kind: 'payment', credit: fee - cents },
        { account, against: 'platform', kind: 'payment', credit: -fee },
      ];
    });
}

/** The kinds may differ, the money may not. */
function isSettled(standing: readonly Standing[], wanted: readonly Standing[]): boolean {
  const ofNoKind = (all: readonly Standing[]) => all.map((one) => ({ ...one, kind: 'payment' }));
  return difference(ofNoKind(standing), ofNoKind(wanted)).length === 0;
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
