import { expect, test } from 'vitest';
import { absent, below, either, equals, every, present } from '#shared/table/conditions.ts';
import { faultyTable, loseReply } from '#test/support/faulty-table.ts';

const faulty = await faultyTable();
const { table, whole } = faulty;
let items = 0;
const newKey = () => ({ pk: `TEST#${++items}`, sk: 'ITEM' });
const free = either(absent('pk'), below('lease', '2026-03-02'));

test('a put that claims wins although its reply is lost', async () => {
  const key = newKey();
  loseReply(faulty, 1, 'PutItem');
  await table.put({ ...key, lease: '2026-03-03' }, free);
  expect(await table.get(key)).toEqual({ ...key, lease: '2026-03-03' });
});

test('a put that lost to another is refused although its reply is lost, with what stands there', async () => {
  const key = newKey();
  await whole.put({ ...key, lease: '2026-03-03', by: 'other' }, free);
  loseReply(faulty, 1, 'PutItem');
  await expect(table.put({ ...key, lease: '2026-03-03', by: 'me' }, free)).rejects.toMatchObject({
    name: 'ConditionFailed',
    item: { ...key, lease: '2026-03-03', by: 'other' },
  });
});

test('the same claim made twice, and not by the wire, is refused the second time', async () => {
  const key = newKey();
  faulty.fateOf = () => undefined;
  await table.put({ ...key, lease: '2026-03-03' }, free);
  await expect(table.put({ ...key, lease: '2026-03-03' }, free)).rejects.toMatchObject({
    name: 'ConditionFailed',
  });
});

test('an update that claims wins although its reply is lost, and answers what stands there', async () => {
  const key = newKey();
  await whole.put({ ...key, n: 1 });
  loseReply(faulty, 1, 'UpdateItem');
  const claim = table.update(key, { set: { claimed: 'me' } }, every(present('pk'), absent('claimed')));
  expect(await claim).toEqual({ ...key, n: 1, claimed: 'me' });
});

test.each([
  ['without a condition', undefined],
  ['with a condition that still holds afterwards', below('n', 9)],
])('an addition %s is made once although its reply is lost', async (_what, condition) => {
  const key = newKey();
  await whole.put({ ...key, n: 1 });
  loseReply(faulty, 1, 'UpdateItem');
  expect(await table.update(key, { add: { n: 1 } }, condition)).toEqual({ ...key, n: 2 });
  faulty.fateOf = () => undefined;
  expect(await table.update(key, { add: { n: 1 } }, condition)).toEqual({ ...key, n: 3 });
});

test('an addition to nothing begins there', async () => {
  const key = newKey();
  faulty.fateOf = () => undefined;
  expect(await table.update(key, { add: { n: 4 } })).toEqual({ ...key, n: 4 });
});

test('a transaction is done once although its reply is lost', async () => {
  const [key, counter] = [newKey(), newKey()];
  await whole.put({ ...counter, n: 1 });
  loseReply(faulty, 1, 'TransactWriteItems');
  await table.transact([
    { put: { ...key, by: 'me' }, if: absent('pk') },
    { update: counter, changes: { add: { n: 1 } }, if: equals('n', 1) },
  ]);
  expect(await table.get(counter)).toEqual({ ...counter, n: 2 });
  loseReply(faulty, 1, 'TransactWriteItems');
  await table.transact([{ delete: key, if: present('pk') }]);
  expect(await table.get(key)).toBeUndefined();
});

test('nobody sees the name of a write', async () => {
  const key = newKey();
  faulty.fateOf = () => undefined;
  await table.put({ ...key, n: 0 }, absent('pk'));
  await table.update(key, { set: { n: 1 } }, present('pk'));
  const seen = [
    await table.get(key),
    ...(await table.getMany([key])),
    ...(await table.query({ pk: key.pk, limit: 1 })).items,
  ];
  expect(seen).toEqual([1, 2, 3].map(() => ({ ...key, n: 1 })));
  const refused = table.transact([{ put: key, if: absent('pk') }]);
  await expect(refused).rejects.toMatchObject({ item: { ...key, n: 1 } });
});

const canceled = (...codes: string[]) => ({
  status: 400,
  body: {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({ Code })),
  },
});

test('a transaction that meets others to the end is an overload, with its cause, and undone', async () => {
  const [key, other] = [newKey(), newKey()];
  let asked = 0;
  faulty.fateOf = () => {
    asked++;
    return canceled('None', 'TransactionConflict');
  };
  const transaction = table.transact([{ put: key }, { delete: other }]);
  await expect(transaction).rejects.toMatchObject({
    code: 'OVERLOADED',
    status: 503,
    cause: { name: 'TransactionCanceledException' },
  });
  expect(asked).toBe(6);
  expect(await whole.get(key)).toBeUndefined();
});

test('a transaction that meets another is done when that is gone', async () => {
  const [key, other] = [newKey(), newKey()];
  let asked = 0;
  faulty.fateOf = () => (++asked < 3 ? canceled('TransactionConflict', 'ThrottlingError') : undefined);
  await table.transact([{ put: { ...key, n: 1 } }, { delete: other }]);
  expect(await whole.get(key)).toEqual({ ...key, n: 1 });
});

test('a condition that fails beside a conflict is told as that', async () => {
  faulty.fateOf = () => canceled('TransactionConflict', 'ConditionalCheckFailed');
  const transaction = table.transact([{ delete: newKey() }, { delete: newKey(), if: present('pk') }]);
  await expect(transaction).rejects.toMatchObject({ name: 'ConditionFailed', index: 1 });
});

test('keys that the engine leaves unread are asked for again, and not for ever', async () => {
  const [one, two] = [newKey(), newKey()];
  await Promise.all([one, two].map((key) => whole.put({ ...key, n: 1 })));
  let asked = 0;
  const unread = (_: string, { RequestItems }: Record<string, unknown>) => ({
    status: 200,
    body: { Responses: {}, UnprocessedKeys: RequestItems as object },
  });
  faulty.fateOf = (...request) => (++asked < 3 ? unread(...request) : undefined);
  expect(await table.getMany([one, two])).toHaveLength(2);
  faulty.fateOf = unread;
  await expect(table.getMany([one, two])).rejects.toMatchObject({ code: 'OVERLOADED' });
});

test('a table out of reach is overloaded', async () => {
  faulty.fateOf = () => 'lost';
  await expect(table.get(newKey())).rejects.toMatchObject({ code: 'OVERLOADED' });
});
