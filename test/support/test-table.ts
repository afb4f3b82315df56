import { randomBytes } from 'node:crypto';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createTable } from '#infra/local/table.ts';

/**
 * Keys and indexes as the template has them; test/infra/local holds the two against each other. No stream: the engine
 * gets slower with each stream that it has ever had, and a run makes over a thousand tables.
 */
export const tableSchema: Omit<CreateTableCommandInput, 'TableName'> = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk'].map((name) => ({
    AttributeName: name,
    AttributeType: 'S' as const,
  })),
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: ['gsi1', 'gsi2'].map((index) => ({
    IndexName: index,
    KeySchema: [
      { AttributeName: `${index}pk`, KeyType: 'HASH' as const },
      { AttributeName: `${index}sk`, KeyType: 'RANGE' as const },
    ],
    Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['record'] },
  })),
};

/** A fresh, empty table on the run's engine, for one test file (or one test). */
export async function testTable(): Promise<{ tableName: string; endpoint: string }> {
  const endpoint = inject('tableEndpoint');
  const tableName = `test-${randomBytes(6).toString('hex')}`;
  await createTable(endpoint, { ...tableSchema, TableName: tableName });
  return { tableName, endpoint };
}
