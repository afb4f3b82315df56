import { cutCents } from '#shared/money.ts';
import { ConditionFailed, type Table, type Write } from '#shared/table/client.ts';
import { absent, present } from '#shared/table/conditions.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';
import { type LedgerLine, paymentLines, suspenseLines } from './ledger.ts';

/** A payment as the provider told of it. */
export interface PaymentEvent {
  eventId: string;
  type: string;
  paymentId: string;
  sessionId: string | undefined;
  callId: string | undefined;
  amountCents: number;
  currency: string;
}

/** The call that a payment is for. */
export interface PaidCall {
  callId: string;
  djProfileId: string;
}

/** Payments, their events and their ledger lines. */
export type PaymentRepository = ReturnType<typeof paymentRepository>;

export function paymentRepository(table: Table) {
  /** @returns false when the event or the payment was booked before */
  async function book(event: PaymentEvent, at: string, lines: LedgerLine[], payment: object, more: Write[]) {
    const times = { createdAt: at, updatedAt: at };
    const { eventId, paymentId, ...rest } = event;
    const writes: Write[] = [
      {
        put: {
          ...keys.paymentEvent(paymentId, eventId),
          entity: 'payment-event',
          type: event.type,
          ...times,
        },
        if: absent('pk'),
      },
      {
        put: { ...keys.payment(paymentId), entity: 'payment', paymentId, ...rest, ...payment, ...times },
        if: absent('pk'),
      },
      ...lines.map(
        ({ account, amountCents }): Write => ({
          put: {
            ...keys.ledgerLine(account, at, `${paymentId}#${eventId}`),
            entity: 'ledger-line',
            account,
            amountCents,
            currency: event.currency,
            paymentId,
            callId: event.callId,
            ...times,
          },
          if: absent('pk'),
        }),
      ),
      ...more,
    ];
    try {
      await table.transact(writes);
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed && error.index < 2 + lines.length) return false;
      throw error;
    }
  }

  return {
    /** The call of a payment: by the id it names, else by its session. One round trip. */
    async callOf(event: PaymentEvent): Promise<PaidCall | undefined> {
      const items = await table.getMany([
        ...(event.callId !== undefined ? [keys.call(event.callId)] : []),
        ...(event.sessionId !== undefined ? [keys.session(event.sessionId)] : []),
      ]);
      const call =
        items.find((item) => item.entity === 'call') ?? items.find((item) => item.entity === 'session');
      if (call === undefined || typeof call.djProfileId !== 'string') return undefined;
      return { callId: String(call.callId ?? call.id), djProfileId: call.djProfileId };
    },

    /**
     * Books a payment to its call: event, payment, the call's totals and the ledger in one transaction.
     * @returns false when it was booked before
     */
    bookToCall(event: PaymentEvent, call: PaidCall, now: Date): Promise<boolean> {
      const at = now.toISOString();
      const cut = cutCents(event.amountCents);
      const totals: Write = {
        update: keys.call(call.callId),
        changes: {
          add: { paidCents: event.amountCents, cutCents: cut, paymentCount: 1 },
          set: { lastPaidAt: at, updatedAt: at },
        },
        if: present('pk'),
      };
      const lines = paymentLines(call.djProfileId, event.amountCents);
      const payment = { state: 'booked', callId: call.callId, djProfileId: call.djProfileId, cutCents: cut };
      return book({ ...event, callId: call.callId }, at, lines, payment, [totals]);
    },

    /**
     * Books a payment that belongs to no call, or is in another currency, to suspense, and lists it as unmatched.
     * @returns false when it was booked before
     */
    bookToSuspense(event: PaymentEvent, reason: string, now: Date): Promise<boolean> {
      const at = now.toISOString();
      const listed = indexKeys.unmatchedPayment(at, event.paymentId);
      return book(event, at, suspenseLines(event.amountCents), { state: 'suspense', reason, ...listed }, []);
    },

    /**
     * Keeps an event that nothing is booked for yet, such as a refund.
     * @returns false when it was kept before
     */
    async keep(event: PaymentEvent, now: Date): Promise<boolean> {
      const at = now.toISOString();
      const { eventId, paymentId } = event;
      const item = {
        ...keys.paymentEvent(paymentId, eventId),
        entity: 'payment-event',
        state: 'kept',
        ...event,
      };
      try {
        await table.put({ ...item, createdAt: at, updatedAt: at }, absent('pk'));
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },
  };
}
