import { expect, test } from 'vitest';
import { TableFaults } from '#infra/local/table-faults.ts';

const put = { Item: {} };
const two = { TransactItems: [{}, {}] };

test('nothing happens until somebody says so', () => {
  const faults = new TableFaults(1);
  expect(faults.strike('f', 'PutItem', put)).toBeUndefined();
});

test('the same seed strikes the same requests of a function, whatever others ask', () => {
  const strikes = (others: number) => {
    const faults = new TableFaults(1);
    faults.set({ conflict: 0.3, throttle: 0.2, loseReply: 0.2 }, 7);
    return Array.from({ length: 40 }, () => {
      for (let other = 0; other < others; other += 1) faults.strike('another', 'PutItem', put);
      return faults.strike('f', 'PutItem', put);
    });
  };
  expect(strikes(3)).toEqual(strikes(0));
  expect(strikes(0)).toContain('lost');
  expect(strikes(0)).toContain(undefined);
});

test('reads never meet a transaction', () => {
  const faults = new TableFaults(1);
  faults.set({ conflict: 1 });
  expect(faults.strike('f', 'Query', {})).toBeUndefined();
  expect(faults.set({})).toEqual({ conflict: 0, throttle: 0, loseReply: 0 });
});

test.each([
  ['conflict', 'PutItem', put, 'TransactionConflictException'],
  ['conflict', 'TransactWriteItems', two, 'TransactionCanceledException'],
  ['throttle', 'GetItem', {}, 'ThrottlingException'],
  ['throttle', 'TransactWriteItems', two, 'TransactionCanceledException'],
])('%s of %s is told as DynamoDB does', (kind, operation, body, name) => {
  const faults = new TableFaults(1);
  faults.set({ [kind]: 1 });
  const struck = faults.strike('f', operation, body);
  expect(struck).toMatchObject({ name, body: { message: expect.any(String) } });
  if (operation === 'TransactWriteItems') {
    const Code = kind === 'conflict' ? 'TransactionConflict' : 'ThrottlingError';
    expect(struck).toMatchObject({ body: { CancellationReasons: [{ Code: 'None' }, { Code }] } });
  }
});
