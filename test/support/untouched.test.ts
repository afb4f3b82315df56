import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { connectTable } from '#shared/table/client.ts';
import { testTable } from '#test/support/test-table.ts';
import { sparing, untouchedPartitions } from '#test/support/untouched.ts';

const { tableName, endpoint } = await testTable();
const asked: string[] = [];
const [plain, spared] = [new DynamoDBClient({ endpoint }), new DynamoDBClient({ endpoint })];
spared.middlewareStack.add(
  (next, context) => (args) => {
    asked.push(String(context.commandName));
    return next(args);
  },
  { step: 'deserialize', name: 'whatTheEngineIsAsked' },
);
afterAll(() => {
  plain.destroy();
  spared.destroy();
});
const engine = connectTable(tableName, plain);
const table = connectTable(tableName, sparing(spared, untouchedPartitions()));

let rounds = 0;
const place = fc.record({ pk: fc.constantFrom('A', 'B', 'C'), sk: fc.constantFrom('1', '2') });
const step = fc.record({
  act: fc.constantFrom('put', 'list', 'move', 'read'),
  key: place,
  list: fc.constantFrom('L', 'M'),
});

test('tells of a table what the engine does, whatever was written before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      rounds += 1;
      for (const { act, key, list } of steps) {
        const [at, listed] = [{ ...key, pk: `${rounds}${key.pk}` }, `${rounds}${list}`];
        if (act === 'put') await table.put(at);
        else if (act === 'list') await table.put({ ...at, gsi1pk: listed, gsi1sk: '1' });
        else if (act === 'move') await table.update(at, { set: { gsi1pk: listed, gsi1sk: '2' } });
        const part = { pk: at.pk, from: '1', to: '2', limit: 9 };
        expect(await table.get(at)).toEqual(await engine.get(at));
        expect(await table.query(part)).toEqual(await engine.query(part));
        const query = { index: 'gsi1' as const, pk: listed, limit: 9 };
        expect(await table.query(query)).toEqual(await engine.query(query));
        expect(await table.count({ index: 'gsi1', pk: listed })).toBe(
          await engine.count({ index: 'gsi1', pk: listed }),
        );
      }
    }),
    { numRuns: 12 },
  );
});

describe('the engine', () => {
  test('is spared reads of partitions that nobody wrote to', async () => {
    const read = (pk: string) => Promise.all([table.get({ pk, sk: '1' }), table.query({ pk, limit: 9 })]);
    await read('first');
    asked.length = 0;

    await read('nowhere');
    expect(asked).toEqual([]);

    await table.put({ pk: 'nowhere', sk: '1' });
    asked.length = 0;
    const [item, { items }] = await read('nowhere');
    expect(asked).toHaveLength(2);
    expect([item, ...items]).toHaveLength(2);
  });

  test.each([
    ['an empty key', { pk: '' }],
    ['a range whose ends are the wrong way round', { from: '2', to: '1' }],
    ['a place that no page ended at', { after: { pk: 'elsewhere', sk: '1' } }],
  ])('still refuses %s', async (_what, wrong) => {
    const query = { pk: 'nothing', from: '1', to: '2', limit: 9 };
    await table.query(query);
    await expect(table.query({ ...query, ...wrong })).rejects.toThrow();
  });
});
