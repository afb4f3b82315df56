import { expect, test } from 'vitest';
import { Balances, mendBalance } from '#infra/restore/balances.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { callIdOf, type PaymentEventId, type PaymentId } from '#shared/id.ts';
import { compareBalances } from '#shared/ledger/compare-balances.ts';
import { storedEntry } from '#shared/ledger/entry.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { bookPayment } from '#shared/payments/book-payment.ts';
import { paymentRepository } from '#shared/payments/payment.repository.ts';
import { keys, ledgerPartitions } from '#shared/table/keys.ts';
import { callRef } from '#test/shared/calls/call-events.ts';
import { forwarded } from '#test/shared/calls/stored-call.ts';
import { openTable } from '#test/shared/open-table.ts';

const at = new Date('2026-03-02T18:00:00.000Z');

test('a balance that does not fit its entries is made to, one that fits is left, one that changes meanwhile too', async () => {
  const table = await openTable();
  await callFacts(table).incoming(callRef(1), at, forwarded);
  const tell = (n: number) =>
    bookPayment(
      { payments: paymentRepository(table), now: () => at },
      {
        eventId: `evt_${n}` as PaymentEventId,
        type: 'payment.succeeded',
        happenedAt: at.toISOString(),
        paymentId: `pay_${n}` as PaymentId,
        sessionId: undefined,
        callId: callIdOf(callRef(1).callSid),
        refundId: undefined,
        outcome: undefined,
        amountCents: 5000,
        currency: 'usd',
      },
    );
  await tell(1);
  const key = keys.balance('payments:usd', 'dj:dj-ben', '2026-03', '');
  const survey = async () => {
    const found = new Balances();
    const [pk = ''] = ledgerPartitions('dj:dj-ben', '2026-03');
    for (const item of (await table.query({ pk, limit: 100 })).items)
      found.noteEntry(storedEntry.parse(item));
    const stands = await table.get(key);
    if (stands !== undefined) found.noteItem({ ...key, ...stands });
    const [known] = [...found.all()];
    if (known === undefined) throw new Error('there is an entry');
    return known;
  };
  const stage = { table, now: () => at };
  expect(await mendBalance(stage, await survey())).toBe(false);

  await table.update(key, { set: { n_payment_tipjar: 1, n_refund_tipjar: -7 }, remove: ['n_02_platform'] });
  const seen = await survey();
  await tell(2);
  expect(await mendBalance(stage, seen), 'booked meanwhile').toBe(false);
  expect(await mendBalance(stage, await survey())).toBe(true);
  const compared = await compareBalances(
    { ledger: ledgerRepository(table), random: () => 0 },
    'payments:usd',
    '2026-03',
    9,
  );
  expect(compared).toEqual({ compared: 1, differing: [] });
});
