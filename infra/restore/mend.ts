import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ZodError } from 'zod';
import { recount } from '#shared/analytics/audit-counters.ts';
import { countCalls } from '#shared/analytics/count-calls.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { readCall } from '#shared/calls/call.ts';
import { contributionOf } from '#shared/calls/contribution.ts';
import { startOf } from '#shared/calls/start-of.ts';
import { addSeconds } from '#shared/clock.ts';
import type { CallId, OwnerId } from '#shared/id.ts';
import { type Entry, storedEntry } from '#shared/ledger/entry.ts';
import { creditOf, otherSide } from '#shared/ledger/transfer.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import { readNumber } from '#shared/numbers/read-number.ts';
import { type Payment, storedPayment, totalsOf } from '#shared/payments/payment.ts';
import type { PaymentEvent } from '#shared/payments/position.ts';
import type { Item } from '#shared/table/client.ts';
import { isPutBack } from '#shared/table/mark.ts';
import { Balances, mendBalance } from './balances.ts';
import { pagesOf } from './copied-table.ts';
import { type CallTotals, isUnexplained, type KnownPayment, mendCallTotals, mendPayment } from './money.ts';
import { mendHold } from './numbers.ts';
import type { Stage } from './stage.ts';

/** What did not fit together after the restore, and was put right. */
export interface Mended {
  holds: number;
  payments: string[];
  /** Balances of accounts that were not what their entries come to. */
  balances: string[];
  calls: string[];
  /** DJs' days that were recounted, and those of them that were wrong. */
  days: number;
  wrongDays: number;
  /** Items that cannot be read, and payments of which the ledger knows and no event does: for the developers. */
  unclear: string[];
}

/** A DJ's day may begin a day before the gap, and be counted two days after. */
const daysAround = 2;

/**
 * Reads the live table through once and makes fit what was put back from one moment and kept from another: holds, what
 * payments come to, the totals of their calls, and the counters of every day that may be concerned.
 */
export async function mend(stage: Stage, since: Date): Promise<Mended> {
  const found = await survey(stage, since);
  const mended: Mended = {
    holds: 0,
    payments: [],
    balances: [],
    calls: [],
    days: 0,
    wrongDays: 0,
    unclear: found.unclear,
  };
  for (const number of found.numbers) if (await mendHold(stage, number)) mended.holds++;
  // Before payments are mended, which adds to them.
  for (const known of found.balances.all())
    if (await mendBalance(stage, known)) mended.balances.push(known.account);
  for (const [paymentId, known] of found.payments)
    if (isUnexplained(known)) mended.unclear.push(`payment ${paymentId}`);
    else if (await mendPayment(stage, known, found.isMoved)) mended.payments.push(paymentId);
  // Payments may have found their calls by this.
  const totals = totalsByCall([...found.payments.values()].map(({ payment }) => payment));
  for (const [callId, standing] of found.totals)
    if (await mendCallTotals(stage, callId, standing, totals.get(callId))) mended.calls.push(callId);
  mended.days = found.days.size;
  const { table, now } = stage;
  const stats = statsRepository(table);
  const count = (callIds: CallId[]) => countCalls({ table, stats, now }, callIds);
  const deps = { calls: callRepository(table), stats, countCalls: count, now };
  for (const { djProfileId, day } of found.days.values())
    if (await recount(deps, djProfileId, day)) mended.wrongDays++;
  return mended;
}

interface Survey {
  unclear: string[];
  numbers: VirtualNumber[];
  payments: Map<string, KnownPayment>;
  balances: Balances;
  /** True when the lines of the former ledger have all become entries. */
  isMoved: boolean;
  totals: Map<CallId, CallTotals>;
  days: Map<string, { djProfileId: OwnerId; day: string }>;
}

async function survey(stage: Stage, since: Date): Promise<Survey> {
  const found: Survey = {
    unclear: [],
    numbers: [],
    payments: new Map(),
    balances: new Balances(),
    isMoved: false,
    totals: new Map(),
    days: new Map(),
  };
  const from = addSeconds(since, -daysAround * 86_400).toISOString();
  for await (const page of pagesOf(stage.client, stage.tableName))
    for (const item of page.map((raw) => unmarshall(raw))) {
      try {
        note(found, item, from);
      } catch (error) {
        // One damaged item must not keep the others from being mended.
        if (!(error instanceof ZodError)) throw error;
        found.unclear.push(`item ${String(item['pk'])} ${String(item['sk'])}`);
      }
    }
  return found;
}

function note(found: Survey, item: Item, from: string): void {
  const payment = (id: unknown): KnownPayment => {
    const known: KnownPayment = found.payments.get(String(id)) ?? {
      payment: undefined,
      events: [],
      standing: [],
      moved: [],
      lines: new Map(),
    };
    found.payments.set(String(id), known);
    return known;
  };
  switch (item['entity']) {
    case 'number':
      found.numbers.push(readNumber(item));
      break;
    case 'payment': {
      const stored = storedPayment.parse(item['record']);
      payment(stored.paymentId).payment = stored;
      break;
    }
    case 'payment-event': {
      const event = item['event'] as PaymentEvent;
      payment(event.paymentId).events.push(event);
      break;
    }
    case 'ledger-line': {
      const { lines } = payment(item['paymentId']);
      const account = String(item['account']);
      lines.set(account, (lines.get(account) ?? 0) + Number(item['amountCents']));
      break;
    }
    case 'ledger-entry': {
      const entry = storedEntry.parse(item);
      found.balances.noteEntry(entry);
      noteEntry(payment(entry.paymentId), entry);
      break;
    }
    case 'ledger-move':
      found.isMoved = item['doneAt'] !== undefined;
      break;
    case 'balance':
      found.balances.noteItem(item);
      break;
    case 'call':
      noteCall(found, item, from);
      break;
    case 'stats-day':
      // What stands for a DJ's day while none of its calls does is found by the day itself.
      noteDay(found, item, from);
      break;
    default:
      break;
  }
}

function noteEntry(known: KnownPayment, { account, transfers, moved }: Entry): void {
  const standing = moved ? known.moved : known.standing;
  for (const transfer of transfers) {
    const against = otherSide(account, transfer);
    standing.push({ account, against, kind: transfer.kind, credit: creditOf(account, transfer) });
  }
}

function noteCall(found: Survey, item: Item, from: string): void {
  const call = readCall(item);
  const { paidCents, refundedCents, cutCents, paymentCount } = call;
  found.totals.set(call.id, { paidCents, refundedCents, cutCents, paymentCount });
  const share = contributionOf(call);
  if (share === undefined || !(isPutBack(item) || startOf(call) >= from || call.updatedAt >= from)) return;
  const { djProfileId, day } = share;
  found.days.set(`${djProfileId} ${day}`, { djProfileId, day });
}

function noteDay(found: Survey, item: Item, from: string): void {
  const djProfileId = String(item['pk']).slice('STATS#'.length) as OwnerId;
  const day = String(item['sk']).slice('DAY#'.length);
  if (isPutBack(item) || day >= from.slice(0, 10))
    found.days.set(`${djProfileId} ${day}`, { djProfileId, day });
}

/** What the payments of each call come to. */
function totalsByCall(payments: (Payment | undefined)[]): Map<CallId, CallTotals> {
  const totals = new Map<CallId, CallTotals>();
  for (const payment of payments) {
    if (payment?.callId == null) continue;
    const more = totalsOf(payment);
    const known = totals.get(payment.callId);
    totals.set(payment.callId, {
      paidCents: (known?.paidCents ?? 0) + more.paidCents,
      refundedCents: (known?.refundedCents ?? 0) + more.refundedCents,
      cutCents: (known?.cutCents ?? 0) + more.cutCents,
      paymentCount: (known?.paymentCount ?? 0) + more.paymentCount,
    });
  }
  return totals;
}
