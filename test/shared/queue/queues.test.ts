import { expect, test } from 'vitest';
import { events } from '#shared/queues.ts';

const at = '2026-03-02T18:00:00.000Z';
const change = { phoneNumber: '+19015550100', historyKey: 'HISTORY#T#000004' };

test.each([
  [{ type: 'call.completed', entity: 'call_1', fact: 'call.completed', at }],
  [{ type: 'caller.forgotten', entity: 'call_1', fact: 'caller.forgotten', at }],
  [{ type: 'payment.received', fact: 'payment.received', amountCents: 5000, entity: 'pay_1', at }],
  [{ type: 'payment.refunded', fact: 'payment.refunded 2', amountCents: 1000, entity: 'pay_1', at }],
  [
    {
      type: 'payment.dispute_closed',
      entity: 'pay_1',
      fact: 'payment.dispute_closed T lost',
      at,
      amountCents: 3500,
      outcome: 'lost',
    },
  ],
  [
    {
      type: 'payment.dispute_closed',
      entity: 'pay_1',
      fact: 'payment.dispute_closed T undefined',
      at,
      amountCents: 3500,
    },
  ],
  [{ type: 'number.released', entity: 'num_1', fact: change.historyKey, at, change }],
])('a message for the platform that was sent before a release is read after it: %o', (message) => {
  expect(events().parse(message)).toEqual(message);
});

test.each([
  [{ type: 'payment.received', fact: 'payment.received', entity: 'pay_1', at }],
  [{ type: 'number.released', entity: 'num_1', fact: 'f', at }],
  [{ type: 'number.sold', entity: 'num_1', fact: 'f', at, change }],
])('a message for the platform without what its kind needs is refused: %o', (message) => {
  expect(events().safeParse(message).success).toBe(false);
});
