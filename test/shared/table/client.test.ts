import { expect, test } from 'vitest';
import { ConditionFailed } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { ownTable } from '#test/shared/open-table.ts';

const table = await ownTable();
const key = (name: string) => ({ pk: `TEST#${name}`, sk: 'ITEM' });

test('many items are read at once, in the order of the keys, one that is asked for twice as well', async () => {
  const [one, two] = [key('one'), key('two')];
  for (const each of [one, two]) await table.put(each);
  expect(await table.getMany([two, one, key('none'), two])).toEqual([two, one, two]);
});

test('what was put is read, and undefined members are left out', async () => {
  await table.put({ ...key('a'), text: 'ü🎧', none: undefined, nothing: null, list: [1, { deep: 'x' }] });
  expect(await table.get(key('a'))).toEqual({
    ...key('a'),
    text: 'ü🎧',
    nothing: null,
    list: [1, { deep: 'x' }],
  });
  expect(await table.get(key('not there'))).toBeUndefined();
});

test('a put or update whose condition fails tells what stands there and changes nothing', async () => {
  await table.put({ ...key('b'), n: 1 });
  const put = table.put({ ...key('b'), n: 2 }, absent('pk'));
  await expect(put).rejects.toMatchObject({ name: 'ConditionFailed', item: { ...key('b'), n: 1 } });
  await expect(table.update(key('b'), { set: { n: 3 } }, equals('n', 9))).rejects.toBeInstanceOf(
    ConditionFailed,
  );
  expect(await table.get(key('b'))).toEqual({ ...key('b'), n: 1 });
});

test('a condition on an item that is not there fails without an item', async () => {
  await expect(table.update(key('nowhere'), { set: { n: 1 } }, equals('n', 1))).rejects.toMatchObject({
    name: 'ConditionFailed',
    item: undefined,
  });
});

test('an update sets, sets once, adds and removes', async () => {
  await table.put({ ...key('c'), old: 1, n: 1, gone: true });
  const after = await table.update(key('c'), {
    set: { new: 2 },
    setOnce: { old: 9, once: 3 },
    add: { n: 4, m: 5 },
    remove: ['gone'],
  });
  expect(after).toEqual({ ...key('c'), old: 1, new: 2, once: 3, n: 5, m: 5 });
});

test('a transaction is done whole or not at all, and tells which write failed', async () => {
  await table.put({ ...key('d'), n: 1 });
  const writes = [
    { put: { ...key('e'), n: 1 } },
    { update: key('d'), changes: { add: { n: 1 } }, if: equals('n', 2) },
    { delete: key('a') },
  ];
  await expect(table.transact(writes)).rejects.toMatchObject({
    name: 'ConditionFailed',
    index: 1,
    item: { n: 1 },
  });
  expect(await table.get(key('e'))).toBeUndefined();
  expect(await table.get(key('a'))).toBeDefined();
  await table.transact([
    { put: { ...key('e'), n: 1 } },
    { delete: key('d') },
    { check: key('a'), if: absent('never') },
  ]);
  expect(await table.get(key('d'))).toBeUndefined();
  expect(await table.get(key('e'))).toEqual({ ...key('e'), n: 1 });
});

test('many transactions on one item all come through', async () => {
  await table.put({ ...key('f'), n: 0 });
  const add = (index: number) =>
    table.transact([
      { update: key('f'), changes: { add: { n: 1 } } },
      { put: { ...key(`f${index}`), done: true } },
    ]);
  await Promise.all(Array.from({ length: 12 }, (_, index) => add(index)));
  expect(await table.get(key('f'))).toMatchObject({ n: 12 });
});

test('many are read in the order asked for, without those that are not there', async () => {
  for (let index = 0; index < 5; index++) await table.put({ ...key(`many-${index}`), index });
  const asked = [4, 0, 9, 2].map((index) => key(`many-${index}`));
  expect((await table.getMany(asked)).map(({ index }) => index)).toEqual([4, 0, 2]);
  expect(await table.getMany([])).toEqual([]);
});

test('a partition is paged through in order, both ways, within bounds that are inclusive', async () => {
  for (let index = 0; index < 7; index++) await table.put({ pk: 'LIST#1', sk: `K${index}`, index });
  const read = async (newestFirst: boolean) => {
    const seen: unknown[] = [];
    let after: Record<string, string> | undefined;
    do {
      const page = await table.query({ pk: 'LIST#1', from: 'K1', to: 'K5', limit: 2, newestFirst, after });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ index }) => index));
      after = page.next;
    } while (after !== undefined);
    return seen;
  };
  expect(await read(false)).toEqual([1, 2, 3, 4, 5]);
  expect(await read(true)).toEqual([5, 4, 3, 2, 1]);
});

test.each([
  ['nothing', {}],
  ['half a key', { pk: 'LIST#1' }],
  ['another partition', { pk: 'LIST#2', sk: 'K1' }],
  ['a place outside the bounds', { pk: 'LIST#1', sk: 'Z' }],
  ['empty texts', { pk: '', sk: '' }],
  ['attributes that are no keys', { pk: 'LIST#1', sk: 'K1', other: 'x' }],
])('a forged place is refused: %s', async (_what, after) => {
  const page = table.query({
    pk: 'LIST#1',
    from: 'K1',
    to: 'K5',
    limit: 2,
    after: after,
  });
  await expect(page).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
});

test('an index answers what carries its keys, with the record', async () => {
  await table.put({ ...key('g'), record: { a: 1 }, hidden: true, gsi2pk: 'STATE#x', gsi2sk: '1' });
  await table.put({ ...key('h'), record: { a: 2 }, gsi2pk: 'STATE#x', gsi2sk: '2' });
  const { items } = await table.query({ index: 'gsi2', pk: 'STATE#x', limit: 10 });
  expect(items).toEqual([
    { ...key('g'), record: { a: 1 }, gsi2pk: 'STATE#x', gsi2sk: '1' },
    { ...key('h'), record: { a: 2 }, gsi2pk: 'STATE#x', gsi2sk: '2' },
  ]);
  expect(await table.count({ index: 'gsi2', pk: 'STATE#x' })).toBe(2);
  expect(await table.count({ index: 'gsi2', pk: 'STATE#none' })).toBe(0);
});

test.each([undefined, 'gsi1'] as const)(
  'a page leads on when something follows, and not when it is full and the last (index %s)',
  async (index) => {
    const pk = `FULL#${index}`;
    for (const sk of ['K1', 'K2', 'K3', 'K4']) await table.put({ pk, sk, gsi1pk: pk, gsi1sk: `P${sk}` });
    const page = (after?: Record<string, string>) => table.query({ index, pk, limit: 2, after });
    const first = await page();
    const second = await page(first.next);
    expect([first, second].map(({ items }) => items.map(({ sk }) => sk))).toEqual([
      ['K1', 'K2'],
      ['K3', 'K4'],
    ]);
    expect(second.next).toBeUndefined();
  },
);
