import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { startTableEngine } from '#infra/local/table-engine.ts';
import { testTable } from '#test/support/test-table.ts';

test('each test table starts empty and keeps what is put', async () => {
  const [one, other] = await Promise.all([testTable(), testTable()]);
  const client = new DynamoDBClient({ endpoint: one.endpoint });
  const key = { pk: { S: 'NUMBER#+12125550101' }, sk: { S: 'NUMBER' } };

  await client.send(new PutItemCommand({ TableName: one.tableName, Item: key }));

  const [kept, absent] = await Promise.all(
    [one, other].map(({ tableName }) => client.send(new GetItemCommand({ TableName: tableName, Key: key }))),
  );
  expect(kept?.Item).toEqual(key);
  expect(absent?.Item).toBeUndefined();
});

test('without Java, Docker or an endpoint, one message names the three ways', async () => {
  const starting = startTableEngine({ PATH: '/nowhere' });

  await expect(starting).rejects.toThrow(/Java 17[^]*Docker[^]*DYNAMODB_ENDPOINT/);
});

test('DYNAMODB_ENDPOINT comes first, and that engine is left running', async () => {
  const { endpoint } = await testTable();

  const engine = await startTableEngine({ PATH: '/nowhere', DYNAMODB_ENDPOINT: `${endpoint}/` });
  await engine.stop();

  expect(engine.endpoint).toBe(endpoint);
  expect((await fetch(endpoint)).status).toBeLessThan(500);
});
