import { beforeEach, describe, expect, test } from 'vitest';
import { callFacts } from '#shared/calls/facts.ts';
import { addSeconds } from '#shared/clock.ts';
import { callIdOf, type DjProfileId, type PaymentEventId, type PaymentId } from '#shared/id.ts';
import { compareBalances } from '#shared/ledger/compare-balances.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { balancesOf } from '#shared/ledger/transfer.ts';
import { assignPayment } from '#shared/payments/assign-payment.ts';
import { auditLedger } from '#shared/payments/audit-ledger.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { carryForward } from '#shared/payments/carry-forward.ts';
import { markPaid } from '#shared/payments/mark-paid.ts';
import { oldLines } from '#shared/payments/old-lines.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { payoutOf } from '#shared/payments/payout.ts';
import type { PaymentEvent } from '#shared/payments/position.ts';
import type { Table, Write } from '#shared/table/client.ts';
import { keys } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';
import { dies, Fuse, fused } from '#test/simulation/crash.ts';
import { faultyTable } from '#test/support/faulty-table.ts';

const paidAt = new Date('2026-03-02T18:00:00.000Z');
const april = new Date('2026-04-01T00:05:00.000Z');
const callId = callIdOf(callRef(1).callSid);
const book = 'payments:usd';
let table: Table;

const payment = (more: Partial<PaymentEvent> = {}): PaymentEvent => ({
  eventId: 'evt_1' as PaymentEventId,
  type: 'payment.succeeded',
  happenedAt: paidAt.toISOString(),
  paymentId: 'pay_1' as PaymentId,
  sessionId: undefined,
  callId,
  refundId: undefined,
  outcome: undefined,
  amountCents: 5000,
  currency: 'usd',
  ...more,
});
const tell = (event: PaymentEvent, at = paidAt, on = table) =>
  bookPayment({ payments: paymentRepository(on), now: () => at }, event);
const mark = (reference: string, on = table, at = april, month = '2026-03') =>
  markPaid(
    { ledger: ledgerRepository(on), lines: oldLines(on), now: () => at },
    { djProfileId: 'dj-ben' as DjProfileId, month, reference },
    'admin:ann',
  );
const payout = (month: string) =>
  payoutOf({ ledger: ledgerRepository(table), lines: oldLines(table) }, 'dj-ben' as DjProfileId, month);

async function open(on: Table): Promise<void> {
  await callFacts(on).incoming(callRef(1), paidAt, forwarded);
}

/** Every account's balance is what its entries come to, and all transfers sum to zero. */
async function expectSound(month = '2026-03'): Promise<void> {
  const ledger = ledgerRepository(table);
  const { compared, differing } = await compareBalances({ ledger, random: () => 0 }, book, month, 99);
  expect(compared).toBeGreaterThan(0);
  expect(differing).toEqual([]);
  const entries = (
    await Promise.all(['dj:dj-ben', 'suspense'].map((one) => ledger.entries(one, month)))
  ).flat();
  const balances = balancesOf(entries.flatMap(({ transfers }) => transfers));
  expect([...balances.values()].reduce((sum, cents) => sum + cents, 0)).toBe(0);
}

beforeEach(async () => {
  table = await openTable();
  await open(table);
});

describe('what a booking writes', () => {
  /** The writes of each transaction that was sent, as they were asked for. */
  function recorded(): { on: Table; sent: Write[][] } {
    const sent: Write[][] = [];
    const transact = (writes: Write[]) => {
      sent.push(writes);
      return table.transact(writes);
    };
    return { on: { ...table, transact }, sent };
  }
  const named = (writes: Write[]) =>
    writes.map((write) => {
      if ('put' in write) return String(write.put.entity);
      return 'update' in write ? `update ${write.update.pk.split('#')[0]}` : 'other';
    });
  /** Write units: a transaction's writes count twice, an entry of an index once; each item is smaller than a kilobyte. */
  const unitsOf = (writes: Write[]) =>
    writes.reduce((units, write) => {
      const item = 'put' in write ? write.put : {};
      expect(JSON.stringify(item).length).toBeLessThan(1024);
      return units + 2 + Number('gsi1pk' in item) + Number('gsi2pk' in item);
    }, 0);

  test('is five items for a payment of a call: 11 write units, of which lines took 12', async () => {
    const { on, sent } = recorded();
    await tell(payment(), paidAt, on);
    expect(sent.map(named)).toEqual([
      ['payment', 'payment-event', 'ledger-entry', 'update BALANCES', 'update CALL'],
    ]);
    expect(sent.map(unitsOf)).toEqual([11]);
  });

  test('is nothing for an event that was told before', async () => {
    await tell(payment());
    const { on, sent } = recorded();
    await tell(payment(), addSeconds(paidAt, 660), on);
    expect(sent).toEqual([]);
  });
});

test('a payment dies at every await, is told again, and is booked once', async () => {
  for (let step = 1; step <= 4; step++) {
    const event = payment({
      eventId: `evt_${step}` as PaymentEventId,
      paymentId: `pay_${step}` as PaymentId,
      amountCents: 1000,
    });
    const fuse = new Fuse(step);
    await dies(fuse, () => tell(event, paidAt, fused(fuse, table, {} as never).table));
    await tell(event, addSeconds(paidAt, 660));
  }
  expect(await payout('2026-03')).toMatchObject({ total: 34, gross: 40, fee: 6 });
  await expectSound();
});

test('money that two admins assign at once goes to one of them', async () => {
  await tell(payment({ callId: undefined }));
  const deps = { payments: paymentRepository(table), now: () => paidAt };
  const results = await Promise.allSettled([
    assignPayment(deps, 'pay_1' as PaymentId, { djProfileId: 'dj-ben' as DjProfileId }, 'admin:ann'),
    assignPayment(deps, 'pay_1' as PaymentId, { djProfileId: 'dj-ben' as DjProfileId }, 'admin:bob'),
    assignPayment(deps, 'pay_1' as PaymentId, { callId }, 'admin:eve'),
  ]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await payout('2026-03')).toMatchObject({ total: 42.5 });
  await expectSound();
});

describe('a month that is marked as paid', () => {
  beforeEach(() => tell(payment()));

  test('twice at once, under two references, is marked under one', async () => {
    const results = await Promise.allSettled([mark('A'), mark('B'), mark('A')]);
    const references = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value.reference] : [],
    );
    expect(new Set(references).size).toBe(1);
    expect(await payout('2026-03')).toMatchObject({ due: 42.5, paid: { amount: 42.5 } });
  });

  test('waits until what was booked in its last seconds is in', async () => {
    await expect(mark('A', table, new Date('2026-04-01T00:04:59Z'))).rejects.toMatchObject({
      code: 'ILLEGAL_STATE',
    });
  });

  test('while something is still booked in it is marked with what is due then', async () => {
    let isFirst = true;
    const on: Table = {
      ...table,
      async transact(writes) {
        if (isFirst) {
          isFirst = false;
          await tell(
            payment({ eventId: 'evt_r' as PaymentEventId, type: 'payment.refunded', amountCents: 1000 }),
          );
        }
        return table.transact(writes);
      },
    };
    expect(await mark('A', on)).toMatchObject({ amount: 3400 });
    expect(await payout('2026-03')).toMatchObject({ due: 34, paid: { amount: 34 } });
  });

  test('and of which a refund comes later owes it in the next month, before and after a timer noted it', async () => {
    await mark('A');
    await tell(
      payment({ eventId: 'evt_r' as PaymentEventId, type: 'payment.refunded', amountCents: 1000 }),
      new Date('2026-04-02T00:00:00Z'),
    );
    expect(await payout('2026-04')).toMatchObject({ carried_forward: 0, total: -8.5, due: 0 });
    const owed = { carried_forward: -8.5, total: 0, due: 0 };
    expect(await payout('2026-05')).toMatchObject(owed);
    const may = new Date('2026-05-01T09:00:00Z');
    expect(await carryForward(ledgerRepository(table), book, '2026-05', may)).toBe(1);
    expect(await carryForward(ledgerRepository(table), book, '2026-05', may)).toBe(0);
    expect(await payout('2026-05')).toMatchObject(owed);
    await tell(
      payment({ eventId: 'evt_2' as PaymentEventId, paymentId: 'pay_2' as PaymentId, amountCents: 2000 }),
      may,
    );
    expect(await payout('2026-05')).toMatchObject({ total: 17, due: 8.5 });
    expect(await mark('B', table, new Date('2026-06-02T00:00:00Z'), '2026-05')).toMatchObject({
      amount: 850,
    });
    expect(await payout('2026-06')).toMatchObject({ carried_forward: 0, due: 0 });
  });

  test('of which something is booked in spite of all carries the difference on', async () => {
    await mark('A');
    await tell(
      payment({ eventId: 'evt_2' as PaymentEventId, paymentId: 'pay_2' as PaymentId, amountCents: 1000 }),
    );
    expect(await payout('2026-03')).toMatchObject({ due: 51, paid: { amount: 42.5 } });
    expect(await payout('2026-04')).toMatchObject({ carried_forward: 8.5, due: 8.5 });
  });

  test('dies at every await, is asked for again, and is marked once', async () => {
    for (let step = 1; step <= 5; step++) {
      const fuse = new Fuse(step);
      await dies(fuse, () => mark('A', fused(fuse, table, {} as never).table));
    }
    expect(await mark('A')).toMatchObject({ amount: 4250, by: 'admin:ann' });
  });
});

test('transactions that conflict are tried again: everything is booked and marked once', async () => {
  const faulty = await faultyTable();
  table = faulty.whole;
  await open(table);
  let sent = 0;
  faulty.fateOf = (operation) => {
    if (operation !== 'TransactWriteItems' || ++sent % 3 === 0) return undefined;
    return {
      status: 400,
      body: {
        __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
        message: 'Transaction cancelled [TransactionConflict]',
        CancellationReasons: [{ Code: 'TransactionConflict' }],
      },
    };
  };
  await Promise.all(
    [1, 2, 3].map((n) =>
      tell(
        payment({ eventId: `evt_${n}` as PaymentEventId, paymentId: `pay_${n}` as PaymentId }),
        paidAt,
        faulty.table,
      ),
    ),
  );
  expect(await mark('A', faulty.table)).toMatchObject({ amount: 12_750 });
  expect(sent).toBeGreaterThan(4);
  await expectSound();
});

test('money that comes into suspense while balances are compared is no difference', async () => {
  const unmatched = (n: number) =>
    payment({
      eventId: `evt_${n}` as PaymentEventId,
      paymentId: `pay_${n}` as PaymentId,
      callId: undefined,
    });
  // As many as reach several of the partitions over which suspense is spread.
  for (let n = 1; n <= 8; n++) await tell(unmatched(n));
  const ledger = ledgerRepository(table);
  for (let n = 9; n <= 16; n++) {
    let isBooked = false;
    const entries: typeof ledger.entries = async (account, month) => {
      if (!isBooked) await tell(unmatched(n));
      isBooked = true;
      return ledger.entries(account, month);
    };
    const { differing } = await compareBalances(
      { ledger: { ...ledger, entries }, random: () => 0 },
      book,
      '2026-03',
      9,
    );
    expect(differing).toEqual([]);
  }
});

test('a balance that is not what its entries come to is told, and left as it is', async () => {
  await tell(payment());
  const deps = {
    ledger: ledgerRepository(table),
    lines: oldLines(table),
    payments: paymentRepository(table),
    now: () => addSeconds(paidAt, 7200),
    random: () => 0.5,
  };
  expect(await auditLedger(deps)).toMatchObject({ done: true, compared: 1, differing: 0 });
  const key = keys.balance(book, 'dj:dj-ben', '2026-03', '');
  await table.update(key, { add: { n_payment_tipjar: 1 } });
  expect(await auditLedger(deps)).toMatchObject({ compared: 1, differing: 1 });
  expect(await table.get(key)).toMatchObject({ n_payment_tipjar: 5001 });
});
