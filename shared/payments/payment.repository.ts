import type { CallId, DjProfileId, OwnerId, PaymentId, SessionId } from '#shared/id.ts';
import { postingOf } from '#shared/ledger/posting.ts';
import type { Standing } from '#shared/ledger/transfer.ts';
import { djOf } from '#shared/owner.ts';
import { ConditionFailed, type Item, type Table, type Write } from '#shared/table/client.ts';
import { absent, equals, present } from '#shared/table/conditions.ts';
import { type IndexKeys, indexKeys, keys, partitions } from '#shared/table/keys.ts';
import { type Payment, platformCurrency, storedPayment, totalsOf } from './payment.ts';
import { type BookedEvent, netOf, type PaymentEvent } from './position.ts';
import { causeOf, entriesOf, standingOf } from './standing.ts';

/** The call that a payment is for. */
export interface PaidCall {
  callId: CallId;
  djProfileId: DjProfileId;
}

/** Somebody else booked the payment since it was read: read again and decide anew. */
export class PaymentChanged extends Error {}

/** Payments and their events; what they come to is posted with them. */
export type PaymentRepository = ReturnType<typeof paymentRepository>;

export function paymentRepository(table: Table) {
  async function save(writes: Write[]): Promise<void> {
    try {
      await table.transact(writes);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new PaymentChanged('somebody else booked the payment', { cause: error });
    }
  }

  /** A payment and all its events, and when each was booked. */
  async function withEvents(
    paymentId: PaymentId,
  ): Promise<{ payment: Payment | undefined; events: BookedEvent[] }> {
    const items: Item[] = [];
    let after: Record<string, string> | undefined;
    do {
      const page = await table.query({ pk: keys.payment(paymentId).pk, limit: 500, after });
      items.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    const stored = items.find(({ entity }) => entity === 'payment');
    return {
      payment: stored && storedPayment.parse(stored.record),
      events: items
        .filter(({ entity }) => entity === 'payment-event')
        .map(({ event, createdAt }) => ({ event: event as PaymentEvent, bookedAt: String(createdAt) })),
    };
  }

  return {
    /** A payment and all its events. */
    async find(paymentId: PaymentId): Promise<{ payment: Payment | undefined; events: PaymentEvent[] }> {
      const { payment, events } = await withEvents(paymentId);
      return { payment, events: events.map(({ event }) => event) };
    },

    withEvents,

    /** The call of a payment: by the id it names, else by its session. One round trip. */
    async callOf(named: {
      callId?: CallId | null | undefined;
      sessionId?: SessionId | null | undefined;
    }): Promise<PaidCall | undefined> {
      const items = await table.getMany([
        ...(named.callId != null ? [keys.call(named.callId)] : []),
        ...(named.sessionId != null ? [keys.session(named.sessionId)] : []),
      ]);
      const call =
        items.find((item) => item.entity === 'call') ?? items.find((item) => item.entity === 'session');
      const djProfileId = djOf(call?.djProfileId as OwnerId | null | undefined);
      // TipJar pays DJs: what names a tenant's call is nobody's.
      if (call === undefined || djProfileId === null) return undefined;
      return { callId: String(call.callId ?? call.id) as CallId, djProfileId };
    },

    /**
     * Books what a payment comes to: its event if one tells of it, the payment, the call's totals and the entry that
     * leads from what stood in the ledger to what is wanted, in one transaction.
     * @throws PaymentChanged
     */
    async book(
      before: Payment | undefined,
      after: Payment,
      event: PaymentEvent | undefined,
      now: Date,
    ): Promise<void> {
      const at = now.toISOString();
      await save([
        paymentWrite(before, after),
        ...(event === undefined ? [] : [eventWrite(event, at)]),
        ...postings(standingOf(before), after, at),
        ...totalsWrites(before, after, at),
      ]);
    },

    /**
     * Saves a payment of which the ledger has something else than it came to, after a restore: what it has is `standing`.
     * The totals of its call are left as they are.
     * @throws PaymentChanged
     */
    async mend(before: Payment | undefined, after: Payment, standing: Standing[], now: Date): Promise<void> {
      await save([paymentWrite(before, after), ...postings(standing, after, now.toISOString())]);
    },

    /** Payments of which nobody knows whose they are, oldest first, from a moment on if one is given: those of which something is left, or nothing. */
    async unmatched(
      left: 'something' | 'nothing',
      limit: number,
      after?: Record<string, string>,
      since?: Date,
    ): Promise<{ payments: Payment[]; next: Record<string, string> | undefined }> {
      const pk = `${partitions.unmatched}${left === 'something' ? 'payments' : 'without-net'}`;
      const page = await table.query({ index: 'gsi2', pk, from: since?.toISOString(), limit, after });
      return { payments: page.items.map((item) => storedPayment.parse(item.record)), next: page.next };
    },

    /** Some payments, in this order; those that do not exist are left out. */
    async many(paymentIds: PaymentId[]): Promise<Payment[]> {
      const items = await table.getMany(paymentIds.map((id) => keys.payment(id)));
      return items.map((item) => storedPayment.parse(item.record));
    },

    /** The payments of which the first event came on this UTC day, newest first, and where each of them stands. */
    async ofDay(
      day: string,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ payments: { payment: Payment; place: Record<string, string> }[]; next: typeof after }> {
      const pk = `${partitions.paymentDays}${day}`;
      const page = await table.query({ index: 'gsi1', pk, limit, newestFirst: true, after });
      return {
        payments: page.items.map((item) => ({
          payment: storedPayment.parse(item.record),
          place: placeIn(item, ['pk', 'sk', 'gsi1pk', 'gsi1sk']),
        })),
        next: page.next,
      };
    },

    /** Puts a payment that was booked before there was a list of all onto it. */
    async list({ paymentId, createdAt }: Payment): Promise<void> {
      const place = indexKeys.paymentsOfDay(createdAt, paymentId);
      await table.update(keys.payment(paymentId), { setOnce: { ...place } }, present('pk'));
    },
  };
}

function placeIn(item: Item, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, String(item[name])]));
}

function paymentWrite(before: Payment | undefined, after: Payment): Write {
  const isUnchanged = before === undefined ? absent('pk') : equals('record.revision', before.revision);
  return { put: paymentItem(after), if: isUnchanged };
}

function postings(standing: Standing[], payment: Payment, at: string): Write[] {
  return entriesOf(standing, payment, { cause: causeOf(payment), at }).flatMap(postingOf);
}

function paymentItem(payment: Payment) {
  return {
    ...keys.payment(payment.paymentId),
    ...(payment.booked.grossCents > 0 && indexKeys.paymentsOfDay(payment.createdAt, payment.paymentId)),
    ...placeOfUnmatched(payment),
    entity: 'payment',
    record: payment,
    createdAt: payment.createdAt,
    updatedAt: payment.updatedAt,
  };
}

/** A payment that came to nothing asks for nobody's judgement, but its call has it among its totals once it is known. */
function placeOfUnmatched(payment: Payment): IndexKeys {
  const { djProfileId, booked, currency, createdAt, paymentId } = payment;
  if (djProfileId !== null || booked.grossCents === 0) return {};
  if (netOf(booked) !== 0) return indexKeys.unmatchedPayment(createdAt, paymentId);
  return currency === platformCurrency ? indexKeys.unmatchedWithoutNet(createdAt, paymentId) : {};
}

function eventWrite(event: PaymentEvent, at: string): Write {
  return {
    put: {
      ...keys.paymentEvent(event.paymentId, event.eventId),
      entity: 'payment-event',
      event,
      createdAt: at,
      updatedAt: at,
    },
    if: absent('pk'),
  };
}

function totalsWrites(before: Payment | undefined, after: Payment, at: string): Write[] {
  if (after.callId === null) return [];
  const was = totalsOf(before);
  const is = totalsOf(after);
  const names = ['paidCents', 'refundedCents', 'cutCents', 'paymentCount'] as const;
  const changes = names.map((name) => [name, is[name] - was[name]] as const);
  const add = Object.fromEntries(changes.filter(([, change]) => change !== 0));
  if (Object.keys(add).length === 0) return [];
  const lastPaidAt = is.paymentCount > was.paymentCount ? at : undefined;
  return [
    {
      update: keys.call(after.callId),
      changes: { add, set: { lastPaidAt, updatedAt: at } },
      if: present('pk'),
    },
  ];
}
