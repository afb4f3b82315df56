import { expect, test } from 'vitest';
import { purchaseCounter } from '#shared/numbers/purchase-counter.ts';
import { openTable } from '#test/shared/open-table.ts';

const table = await openTable();
const day = (n: number) => new Date(`2026-03-${String(n).padStart(2, '0')}T23:59:59.999Z`);
const refused = { code: 'PURCHASE_CAP_REACHED', status: 429 };

test('up to the cap of a day is granted, then nothing', async () => {
  const counter = purchaseCounter(table, 10);
  await counter.reserve(6, day(1));
  await expect(counter.reserve(5, day(1))).rejects.toMatchObject(refused);
  await counter.reserve(4, day(1));
  await expect(counter.reserve(1, day(1))).rejects.toMatchObject(refused);
});

test('a day ends at midnight UTC', async () => {
  const counter = purchaseCounter(table, 1);
  await counter.reserve(1, day(2));
  await counter.reserve(1, new Date('2026-03-03T00:00:00.000Z'));
  await expect(counter.reserve(1, day(3))).rejects.toMatchObject(refused);
});

test('more than a whole day has is refused at once, on a day without purchases as well', async () => {
  await expect(purchaseCounter(table, 10).reserve(11, day(4))).rejects.toMatchObject(refused);
  await purchaseCounter(table, 10).reserve(10, day(4));
  await expect(purchaseCounter(table, 0).reserve(1, day(5))).rejects.toMatchObject(refused);
});

test.each([
  ['none today', 10, 1, 'none of them are left today', 0],
  ['fewer than are asked for', 4, 7, ': 6 of them are left today', 6],
  ['a whole day, which is not enough', 0, 11, ': 10 of them are left today', 10],
])('a refusal says what may still be bought (%s), and when the count starts again', async (...row) => {
  const [, bought, wanted, sentence, remaining] = row;
  const counter = purchaseCounter(table, 10);
  const at = new Date(`2026-12-${10 + bought}T22:00:00.000Z`);
  if (bought > 0) await counter.reserve(bought, at);
  const resetsAt = `2026-12-${11 + bought}T00:00:00Z`;
  await expect(counter.reserve(wanted, at)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(new RegExp(`${sentence}.*${resetsAt}`)),
    retryAfterSeconds: 7200,
    extra: { purchases: { daily_cap: 10, remaining_today: remaining, resets_at: resetsAt } },
  });
});

test('of many at the same moment as many are granted as the cap allows', async () => {
  const counter = purchaseCounter(table, 10);
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => counter.reserve(3, day(6))));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
});
