import { expect, test } from 'vitest';
import { queueVariable } from '#shared/queue-name.ts';

test('the variable of a queue is its name in the spelling of variables', () => {
  expect(queueVariable('followUps')).toBe('QUEUE_URL_FOLLOW_UPS');
  expect(queueVariable('orders')).toBe('QUEUE_URL_ORDERS');
});
