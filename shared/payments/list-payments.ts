import { dayPlus } from '#shared/clock.ts';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import type { DjProfileId } from '#shared/id.ts';
import type { LedgerRepository } from '#shared/ledger/ledger.repository.ts';
import { creditOf } from '#shared/ledger/transfer.ts';
import type { paymentStates } from './fields.ts';
import { monthPlus } from './month.ts';
import type { PaymentRepository } from './payment.repository.ts';
import type { Payment } from './payment.ts';
import { accountOf } from './standing.ts';

export interface ListPaymentsDeps {
  payments: Pick<PaymentRepository, 'ofDay' | 'many'>;
  ledger: Pick<LedgerRepository, 'entriesBefore'>;
  now(): Date;
}

/** Which payments; what is undefined does not matter. */
export interface PaymentFilters {
  djProfileId: DjProfileId | undefined;
  status: (typeof paymentStates)[number] | undefined;
  unmatched: boolean | undefined;
  /** Instants between which the first event of a payment came, both inclusive. */
  from: string;
  to: string;
}

/** A place in a list: the day or month, and where in it. */
interface Place {
  part: string;
  key?: Record<string, string> | undefined;
}

interface Part {
  payments: { payment: Payment; place: Place }[];
  /** Where to go on; undefined at the end. */
  next: Place | undefined;
}

/** Payments read for one page at most, however few of them the filters let through. */
const readMax = 500;
/** A part without payments costs as much as some payments. */
const emptyCosts = 10;

/**
 * A page of all payments, newest first; those of a DJ by the day on which they were booked to them. A page may be short,
 * even empty, while `next_cursor` leads on.
 */
export async function listPayments(
  deps: ListPaymentsDeps,
  filters: PaymentFilters,
  limit: number,
  cursor: string | undefined,
): Promise<{ payments: Payment[]; next_cursor: string | null }> {
  const query = ['payments', filters];
  let after = await readCursor(query, cursor, isPlace);
  const shown: Payment[] = [];
  let last: Place | undefined;
  for (let seen = 0; seen < readMax; ) {
    const part = await partOf(deps, filters, limit, after);
    for (const { payment, place } of part.payments) {
      if (!matches(payment, filters)) continue;
      if (shown.length === limit) return { payments: shown, next_cursor: await writeCursor(query, last) };
      shown.push(payment);
      last = place;
    }
    after = part.next;
    seen += Math.max(emptyCosts, part.payments.length);
    if (after === undefined) return { payments: shown, next_cursor: null };
  }
  return { payments: shown, next_cursor: await writeCursor(query, after) };
}

function partOf(
  deps: ListPaymentsDeps,
  filters: PaymentFilters,
  limit: number,
  after: Place | undefined,
): Promise<Part> {
  return filters.djProfileId === undefined
    ? ofAll(deps, filters, limit, after)
    : ofDj(deps, { ...filters, djProfileId: filters.djProfileId }, limit, after);
}

async function ofAll(
  { payments }: ListPaymentsDeps,
  { from, to }: PaymentFilters,
  limit: number,
  after: Place | undefined,
): Promise<Part> {
  const day = after?.part ?? to.slice(0, 10);
  const page = await payments.ofDay(day, limit, after?.key);
  return {
    payments: page.payments.map(({ payment, place }) => ({ payment, place: { part: day, key: place } })),
    next: nextOf(day, page.next, dayPlus(day, -1), from.slice(0, 10)),
  };
}

/** Money may be booked to a DJ long after it came: from this month back to that of the first day. */
async function ofDj(
  deps: ListPaymentsDeps,
  { djProfileId, from }: PaymentFilters & { djProfileId: DjProfileId },
  limit: number,
  after: Place | undefined,
): Promise<Part> {
  const { payments, ledger } = deps;
  const account = accountOf(djProfileId);
  const month = after?.part ?? deps.now().toISOString().slice(0, 7);
  const page = await ledger.entriesBefore(account, month, limit, after?.key);
  const booked = page.entries.filter(({ entry }) =>
    entry.transfers.some((transfer) => transfer.kind === 'payment' && creditOf(account, transfer) > 0),
  );
  const found = await payments.many(booked.map(({ entry }) => entry.paymentId));
  const byId = new Map(found.map((payment) => [payment.paymentId, payment]));
  return {
    payments: booked.flatMap(({ entry, place }) => {
      const payment = byId.get(entry.paymentId);
      return payment === undefined ? [] : [{ payment, place: { part: month, key: place } }];
    }),
    next: nextOf(month, page.next, monthPlus(month, -1), from.slice(0, 7)),
  };
}

function nextOf(
  part: string,
  key: Record<string, string> | undefined,
  before: string,
  first: string,
): Place | undefined {
  if (key !== undefined) return { part, key };
  return before < first ? undefined : { part: before };
}

function matches(payment: Payment, { djProfileId, status, unmatched, from, to }: PaymentFilters): boolean {
  const { createdAt } = payment;
  return (
    createdAt >= from &&
    createdAt <= to &&
    (djProfileId === undefined || payment.djProfileId === djProfileId) &&
    (unmatched === undefined || (payment.djProfileId === null) === unmatched) &&
    (status === undefined || isIn(payment, status))
  );
}

function isIn({ djProfileId, booked }: Payment, status: NonNullable<PaymentFilters['status']>): boolean {
  if (status === 'booked') return djProfileId !== null;
  if (status === 'suspense') return djProfileId === null;
  return status === 'refunded' ? booked.refundedCents > 0 : booked.disputedCents > 0;
}

function isPlace(place: unknown): place is Place {
  if (typeof place !== 'object' || place === null) return false;
  const { part, key } = place as { part?: unknown; key?: unknown };
  return (
    typeof part === 'string' && /^20\d\d-\d\d(-\d\d)?$/.test(part) && (key === undefined || isKeyPlace(key))
  );
}
