import { expect, test } from 'vitest';
import { ConditionFailed } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { openTable } from '#test/shared/open-table.ts';

const [one, other] = [await openTable(), await openTable()];
const key = { pk: 'THING#1', sk: '-' };
const indexed = { ...key, gsi1pk: 'LIST', gsi1sk: 'a', n: 1 };

test('two views of a table see nothing of each other, in the table and in its indexes', async () => {
  await one.put(indexed);
  expect(await one.get(key)).toEqual(indexed);
  expect(await one.getMany([key])).toEqual([indexed]);
  expect((await one.query({ index: 'gsi1', pk: 'LIST', limit: 5 })).items).toMatchObject([key]);
  expect(await one.count({ index: 'gsi1', pk: 'LIST' })).toBe(1);

  expect(await other.get(key)).toBeUndefined();
  expect(await other.getMany([key])).toEqual([]);
  expect((await other.query({ pk: 'THING#1', limit: 5 })).items).toEqual([]);
  expect((await other.query({ index: 'gsi1', pk: 'LIST', limit: 5 })).items).toEqual([]);
  expect(await other.count({ index: 'gsi1', pk: 'LIST' })).toBe(0);
});

test('keys that an update or a transaction writes are those of the view', async () => {
  await other.put({ ...key, n: 2 }, absent('pk'));
  await other.update(key, { set: { gsi2pk: 'MOVED', gsi2sk: 'b' } });
  await other.transact([{ put: { pk: 'THING#2', sk: '-', gsi2pk: 'MOVED', gsi2sk: 'a' } }]);
  const first = await other.query({ index: 'gsi2', pk: 'MOVED', limit: 1 });
  expect(first.items).toMatchObject([{ pk: 'THING#2', gsi2pk: 'MOVED' }]);
  const next = await other.query({ index: 'gsi2', pk: 'MOVED', limit: 5, after: first.next ?? {} });
  expect(next.items).toMatchObject([{ ...key, gsi2pk: 'MOVED' }]);
  expect(JSON.stringify(first.next)).not.toMatch(/\d+\//);
});

test('what stands there when a condition fails has the keys of the view', async () => {
  const failed = one.put({ ...key, n: 9 }, equals('n', 7));
  await expect(failed).rejects.toBeInstanceOf(ConditionFailed);
  await expect(failed).rejects.toMatchObject({ item: indexed });
});
