import type { CallId, DjProfileId, OwnerId, PaymentId, SessionId } from '#shared/id.ts';
import { djOf } from '#shared/owner.ts';
import { ConditionFailed, type Item, type Table, type Write } from '#shared/table/client.ts';
import { absent, equals, present } from '#shared/table/conditions.ts';
import { type IndexKeys, indexKeys, keys, partitions } from '#shared/table/keys.ts';
import { difference, type LedgerLine } from './ledger.ts';
import { linesOf, type Payment, platformCurrency, storedPayment, totalsOf } from './payment.ts';
import { netOf, type PaymentEvent } from './position.ts';

/** The call that a payment is for. */
export interface PaidCall {
  callId: CallId;
  djProfileId: DjProfileId;
}

/** Somebody else booked the payment since it was read: read again and decide anew. */
export class PaymentChanged extends Error {}

/** A line of the ledger as statements show it. */
export interface PostedLine {
  account: string;
  amountCents: number;
  currency: string;
  paymentId: PaymentId;
  callId: CallId | null;
  at: string;
}

/** Payments, their events and their ledger lines. */
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

  return {
    /** A payment and all that was told of it. */
    async find(paymentId: PaymentId): Promise<{ payment: Payment | undefined; events: PaymentEvent[] }> {
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
          .map(({ event }) => event as PaymentEvent),
      };
    },

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
     * Books what a payment comes to: its event if one tells of it, the payment, the call's totals and the lines that
     * lead from the old balances to the new ones, in one transaction.
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
        ...lineWrites(linesOf(before), after, at),
        ...totalsWrites(before, after, at),
      ]);
    },

    /**
     * Saves a payment whose lines are not what it came to, after a restore: those that stand add up to `standing`. The
     * totals of its call are left as they are.
     * @throws PaymentChanged
     */
    async mend(
      before: Payment | undefined,
      after: Payment,
      standing: LedgerLine[],
      now: Date,
    ): Promise<void> {
      await save([paymentWrite(before, after), ...lineWrites(standing, after, now.toISOString())]);
    },

    /** Payments of which nobody knows whose they are, oldest first, if told since then: those of which something is left, or nothing. */
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

    /** All lines of an account in a month (`YYYY-MM`, UTC), in their order. */
    async lines(account: string, month: string): Promise<PostedLine[]> {
      const lines: PostedLine[] = [];
      let after: Record<string, string> | undefined;
      do {
        const page = await table.query({ pk: keys.ledgerLine(account, month, '').pk, limit: 1000, after });
        lines.push(...page.items.map(readLine));
        after = page.next;
      } while (after !== undefined);
      return lines;
    },
  };
}

function readLine(item: Item): PostedLine {
  return {
    account: String(item.account),
    amountCents: Number(item.amountCents),
    currency: String(item.currency),
    paymentId: String(item.paymentId) as PaymentId,
    callId: typeof item.callId === 'string' ? (item.callId as CallId) : null,
    at: String(item.createdAt),
  };
}

function paymentWrite(before: Payment | undefined, after: Payment): Write {
  const isUnchanged = before === undefined ? absent('pk') : equals('record.revision', before.revision);
  return { put: paymentItem(after), if: isUnchanged };
}

/** The lines that lead from what stands to what the payment comes to. */
function lineWrites(standing: LedgerLine[], payment: Payment, at: string): Write[] {
  const { paymentId, revision, currency, callId } = payment;
  return difference(standing, linesOf(payment)).map(({ account, amountCents }) => ({
    put: {
      ...keys.ledgerLine(account, at, `${paymentId}#${revision}`),
      entity: 'ledger-line',
      account,
      amountCents,
      currency,
      paymentId,
      callId,
      createdAt: at,
      updatedAt: at,
    },
    if: absent('pk'),
  }));
}

function paymentItem(payment: Payment) {
  return {
    ...keys.payment(payment.paymentId),
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
  const add = {
    paidCents: is.paidCents - was.paidCents,
    refundedCents: is.refundedCents - was.refundedCents,
    cutCents: is.cutCents - was.cutCents,
    paymentCount: is.paymentCount - was.paymentCount,
  };
  if (Object.values(add).every((change) => change === 0)) return [];
  const lastPaidAt = add.paymentCount > 0 ? at : undefined;
  return [
    {
      update: keys.call(after.callId),
      changes: { add, set: { lastPaidAt, updatedAt: at } },
      if: present('pk'),
    },
  ];
}
