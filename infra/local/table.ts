import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  ScanCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';

import type { IndexShape } from '#infra/write-units.ts';
import type { TableKeys } from './table-request.ts';
import type { Resource } from './template.ts';

// DynamoDB takes no more writes at once.
const batchMax = 25;
const anyCredentials = { accessKeyId: 'LOCAL', secretAccessKey: 'local' };

/**
 * Creates the table on the engine and returns the ARN of its stream, if it has one. A table that is there already is taken.
 * @throws Error when that one has other keys or indexes
 */
export async function createTable(
  endpoint: string,
  schema: CreateTableCommandInput,
): Promise<string | undefined> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: anyCredentials });
  try {
    const created = await client.send(new CreateTableCommand(schema));
    return created.TableDescription?.LatestStreamArn;
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: schema.TableName }));
    if (shapeOf(table ?? {}) !== shapeOf(schema))
      throw new Error(
        `The table ${schema.TableName} that was kept has other keys or indexes than the template: remove .local/keep to start afresh.`,
        { cause: error },
      );
    return table?.LatestStreamArn;
  } finally {
    client.destroy();
  }
}

/** Keys and indexes, in a form that can be compared. */
function shapeOf({
  KeySchema,
  GlobalSecondaryIndexes,
}: Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes'>) {
  const indexes = (GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema: keys, Projection }) => [
    IndexName,
    namesOf(keys),
    Projection?.ProjectionType,
    Projection?.NonKeyAttributes?.toSorted(),
  ]);
  return JSON.stringify([
    namesOf(KeySchema),
    indexes.toSorted(([a = ''], [b = '']) => (String(a) < String(b) ? -1 : 1)),
  ]);
}

export interface Tables {
  keys: TableKeys[];
  /** The engine's name of each stream by the template's. */
  streams: Map<string, string>;
  /** Takes every item out of every table. */
  empty(): Promise<void>;
  drop(): Promise<void>;
}

/** Creates the tables of the template on the engine. */
export async function createTables(endpoint: string, resources: readonly Resource[]): Promise<Tables> {
  const keys: TableKeys[] = [];
  const streams = new Map<string, string>();
  for (const { type, name, arn, properties } of resources) {
    if (type !== 'AWS::DynamoDB::GlobalTable') continue;
    const schema = tableSchema(name, properties);
    const streamArn = await createTable(endpoint, schema);
    if (streamArn) streams.set(`${arn}/stream/local`, streamArn);
    const indexes = (schema.GlobalSecondaryIndexes ?? []).map(
      (index) => [String(index.IndexName), partitionKey(index.KeySchema)] as const,
    );
    keys.push({
      arn,
      name,
      partitionKey: partitionKey(schema.KeySchema),
      keyNames: namesOf(schema.KeySchema),
      indexes: new Map(indexes),
      shapes: shapesOf(schema),
    });
  }
  const empty = async () => {
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: anyCredentials });
    for (const { name } of keys) await emptyTable(client, name);
    client.destroy();
  };
  const drop = async () => {
    const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: anyCredentials });
    await Promise.allSettled(
      keys.map(({ name }) => client.send(new DeleteTableCommand({ TableName: name }))),
    );
    client.destroy();
  };
  return { keys, streams, empty, drop };
}

async function emptyTable(client: DynamoDBClient, name: string): Promise<void> {
  const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
  const keyNames = (table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName ?? '');
  let after: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: name, ExclusiveStartKey: after }));
    const deletes = (page.Items ?? []).map((item) => ({
      DeleteRequest: { Key: Object.fromEntries(keyNames.map((key) => [key, item[key] as AttributeValue])) },
    }));
    for (let at = 0; at < deletes.length; at += batchMax) {
      const batch = { [name]: deletes.slice(at, at + batchMax) };
      await client.send(new BatchWriteItemCommand({ RequestItems: batch }));
    }
    after = page.LastEvaluatedKey;
  } while (after);
}

function partitionKey(schema: KeySchemaElement[] | undefined): string {
  return schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}

function namesOf(schema: KeySchemaElement[] | undefined): string[] {
  return (schema ?? []).map(({ AttributeName }) => AttributeName ?? '');
}

/** @throws Error for an index of everything: it would hold what nobody names here */
function shapesOf(schema: CreateTableCommandInput & { KeySchema: KeySchemaElement[] }): IndexShape[] {
  return (schema.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => {
    const name = String(IndexName);
    if (Projection?.ProjectionType === 'ALL')
      throw new Error(`The local stack knows no index that projects everything, as ${name} does.`);
    const keyNames = namesOf(KeySchema);
    const projected = [...namesOf(schema.KeySchema), ...keyNames, ...(Projection?.NonKeyAttributes ?? [])];
    return { name, keyNames, projected };
  });
}

/**
 * What CreateTable is to be asked for an AWS::DynamoDB::GlobalTable. Backups, protection, encryption and replicas
 * mean nothing on one machine. Expiry stays off: the engine expires by real time, not by the stack's clock, and
 * code treats expired items as absent anyway.
 */
export function tableSchema(
  tableName: string,
  properties: Record<string, unknown>,
): CreateTableCommandInput & { KeySchema: KeySchemaElement[] } {
  const stream = properties['StreamSpecification'] as { StreamViewType: string } | undefined;
  const { AttributeDefinitions, GlobalSecondaryIndexes, KeySchema } = properties as Pick<
    CreateTableCommandInput,
    'AttributeDefinitions' | 'GlobalSecondaryIndexes' | 'KeySchema'
  >;
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions,
    KeySchema: KeySchema ?? [],
    ...(GlobalSecondaryIndexes && {
      GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys, Projection }) => ({
        IndexName,
        KeySchema: keys,
        Projection,
      })),
    }),
    ...(stream && {
      StreamSpecification: {
        StreamEnabled: true,
        StreamViewType: stream.StreamViewType as 'NEW_AND_OLD_IMAGES',
      },
    }),
  };
}
