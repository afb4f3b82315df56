import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { connectTable, type Table } from '#shared/table/client.ts';
import { viewOf } from '#test/support/table-view.ts';
import { testTable } from '#test/support/test-table.ts';
import { sparing, untouchedPartitions } from '#test/support/untouched.ts';

let shared: Promise<Table> | undefined;
let views = 0;

/** An empty table of its own, behind the client that functions use. */
export async function ownTable(): Promise<Table> {
  return made((client) => client);
}

async function made(prepared: (client: DynamoDBClient) => DynamoDBClient): Promise<Table> {
  const { tableName, endpoint } = await testTable();
  return connectTable(tableName, prepared(new DynamoDBClient({ endpoint, maxAttempts: 3 })));
}

/**
 * What looks like an empty table: a part of the one table that all files of a process share, since making tables is what
 * costs, and the engine gets slower with each.
 */
export async function openTable(): Promise<Table> {
  shared ??= made((client) => sparing(client, untouchedPartitions()));
  const table = await shared;
  return viewOf(table, `${++views}/`);
}
