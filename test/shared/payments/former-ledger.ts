import { cutCents } from '#shared/money.ts';
import {
  PaymentChanged,
  type PaymentRepository,
  paymentRepository,
} from '#shared/payments/payment.repository.ts';
import { type Payment, totalsOf } from '#shared/payments/payment.ts';
import { netOf } from '#shared/payments/position.ts';
import { ConditionFailed, type Item, type Table, type Write } from '#shared/table/client.ts';
import { absent, equals, present } from '#shared/table/conditions.ts';
import { indexKeys, keys } from '#shared/table/keys.ts';

/** A line of the ledger as it was before there were entries: a debit is positive, a credit negative. */
export interface FormerLine {
  account: string;
  amountCents: number;
}

/** The arithmetic of that ledger, kept as the measure of the new one. */
export function formerLinesOf(payment: Payment | undefined): FormerLine[] {
  if (payment === undefined) return [];
  const net = netOf(payment.booked);
  if (payment.djProfileId === null) {
    return [
      { account: 'tipjar', amountCents: net },
      { account: 'suspense', amountCents: -net },
    ];
  }
  const cut = cutCents(net);
  return [
    { account: 'tipjar', amountCents: net },
    { account: 'platform', amountCents: -cut },
    { account: `dj:${payment.djProfileId}`, amountCents: cut - net },
  ];
}

function difference(before: FormerLine[], after: FormerLine[]): FormerLine[] {
  const change = new Map<string, number>();
  for (const { account, amountCents } of after) change.set(account, (change.get(account) ?? 0) + amountCents);
  for (const { account, amountCents } of before)
    change.set(account, (change.get(account) ?? 0) - amountCents);
  return [...change]
    .map(([account, amountCents]) => ({ account, amountCents }))
    .filter(({ amountCents }) => amountCents !== 0);
}

/** Books payments as they were booked before there were entries. */
export function formerPayments(table: Table): PaymentRepository {
  return {
    ...paymentRepository(table),
    async book(before, after, event, now) {
      const at = now.toISOString();
      const times = { createdAt: at, updatedAt: at };
      const { paymentId, revision, currency, callId } = after;
      const isListed = after.djProfileId === null && after.booked.grossCents > 0;
      const place = !isListed
        ? {}
        : netOf(after.booked) !== 0
          ? indexKeys.unmatchedPayment(after.createdAt, paymentId)
          : currency === 'usd'
            ? indexKeys.unmatchedWithoutNet(after.createdAt, paymentId)
            : {};
      const payment = { ...keys.payment(paymentId), ...place, entity: 'payment', record: after };
      const writes: Write[] = [
        {
          put: { ...payment, createdAt: after.createdAt, updatedAt: after.updatedAt },
          if: before === undefined ? absent('pk') : equals('record.revision', before.revision),
        },
      ];
      if (event !== undefined) {
        const item = { ...keys.paymentEvent(paymentId, event.eventId), entity: 'payment-event', event };
        writes.push({ put: { ...item, ...times }, if: absent('pk') });
      }
      for (const { account, amountCents } of difference(formerLinesOf(before), formerLinesOf(after))) {
        const line = { entity: 'ledger-line', account, amountCents, currency, paymentId, callId };
        writes.push({
          put: { ...keys.ledgerLine(account, at, `${paymentId}#${revision}`), ...line, ...times },
          if: absent('pk'),
        });
      }
      if (callId !== null) {
        const [was, is] = [totalsOf(before), totalsOf(after)];
        const add = {
          paidCents: is.paidCents - was.paidCents,
          refundedCents: is.refundedCents - was.refundedCents,
          cutCents: is.cutCents - was.cutCents,
          paymentCount: is.paymentCount - was.paymentCount,
        };
        if (Object.values(add).some((change) => change !== 0))
          writes.push({ update: keys.call(callId), changes: { add }, if: present('pk') });
      }
      try {
        await table.transact(writes);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new PaymentChanged('somebody else booked the payment', { cause: error });
      }
    },
  };
}

async function linesOf(table: Table, account: string, month: string): Promise<Item[]> {
  const { items } = await table.query({ pk: `LEDGER#${account}#${month}`, from: '0', to: ':', limit: 1000 });
  return items.filter(({ currency }) => currency === 'usd');
}

const sumOf = (lines: Item[], sign: 1 | -1) =>
  (sign * lines.reduce((sum, { amountCents }) => sum + Number(amountCents), 0) + 0) / 100;
const onDay = (lines: Item[], date: string) =>
  lines.filter(({ createdAt }) => String(createdAt).startsWith(date));
const daysOf = (lines: Item[]) =>
  [...new Set(lines.map(({ createdAt }) => String(createdAt).slice(0, 10)))].toSorted();

/** The statement of a DJ's month as it was made from lines. */
export async function formerPayout(table: Table, djProfileId: string, month: string) {
  const lines = await linesOf(table, `dj:${djProfileId}`, month);
  return {
    total: sumOf(lines, -1),
    days: daysOf(lines).map((date) => ({ date, amount: sumOf(onDay(lines, date), -1) })),
    lines: lines.map(({ createdAt, paymentId, callId, amountCents }) => ({
      at: createdAt,
      payment_id: paymentId,
      call_id: callId,
      amount: -Number(amountCents) / 100,
    })),
  };
}

/** The revenue of a month as it was made from lines. */
export async function formerRevenue(table: Table, month: string) {
  const [received, platform, suspense] = (await Promise.all(
    ['tipjar', 'platform', 'suspense'].map((account) => linesOf(table, account, month)),
  )) as [Item[], Item[], Item[]];
  const cents = (lines: Item[], sign: 1 | -1) => Math.round(sumOf(lines, sign) * 100);
  const figures = (date?: string) => {
    const on = (lines: Item[]) => (date === undefined ? lines : onDay(lines, date));
    const inSuspense = cents(on(suspense), -1);
    const total = cents(on(received), 1) - inSuspense;
    const cut = cents(on(platform), -1);
    return {
      totalRevenue: total / 100,
      platformCut: cut / 100,
      djRevenue: (total - cut) / 100,
      suspense: inSuspense / 100,
    };
  };
  return {
    ...figures(),
    days: daysOf([...received, ...platform, ...suspense]).map((date) => ({ date, ...figures(date) })),
  };
}
