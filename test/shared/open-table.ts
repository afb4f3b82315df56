import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll } from 'vitest';
import { connectTable, type Table } from '#shared/table/client.ts';
import { testTable } from '#test/support/test-table.ts';

/** A fresh table on the run's engine, behind the client that functions use. */
export async function openTable(): Promise<Table> {
  const { tableName, endpoint } = await testTable();
  const client = new DynamoDBClient({ endpoint, maxAttempts: 3 });
  afterAll(() => client.destroy());
  return connectTable(tableName, client);
}
