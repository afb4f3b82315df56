import type { IndexShape } from '#infra/write-units.ts';
import type { Act } from './iam.ts';

type Body = Record<string, unknown>;

/** Names of the keys of a table and its indexes. */
export interface TableKeys {
  arn: string;
  name: string;
  partitionKey: string;
  /** The partition key and the sort key. */
  keyNames: readonly string[];
  /** Partition keys of the indexes, by the name of the index. */
  indexes: ReadonlyMap<string, string>;
  /** What the indexes hold. */
  shapes: readonly IndexShape[];
}

/**
 * What IAM asks of a DynamoDB request: one act per operation in it, with the partition keys it touches.
 * Undefined for what functions have no business doing (tables, backups, PartiQL).
 */
export function actsOf(operation: string, body: Body, table: TableKeys): Act[] | undefined {
  const act = (action: string, leadingKeys?: unknown[]): Act => ({
    action: `dynamodb:${action}`,
    resource: table.arn,
    leadingKeys: leadingKeys?.map((key) => text(key)),
  });
  const keyOf = (item: unknown) => (item as Body | undefined)?.[table.partitionKey];
  switch (operation) {
    case 'GetItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [act(operation, [keyOf(body['Key'])])];
    case 'PutItem':
      return [act(operation, [keyOf(body['Item'])])];
    case 'Query':
      return [queryAct(body, table)];
    case 'Scan':
      return [{ action: 'dynamodb:Scan', resource: onIndex(body, table) }];
    case 'BatchGetItem':
      return [
        act(
          operation,
          requestItems(body).flatMap(({ Keys }) => ((Keys ?? []) as Body[]).map(keyOf)),
        ),
      ];
    case 'BatchWriteItem':
      return [
        act(
          operation,
          Object.values((body['RequestItems'] ?? {}) as Record<string, Body[]>)
            .flat()
            .map((write) => {
              const { PutRequest: put, DeleteRequest: remove } = write as Record<string, Body | undefined>;
              return keyOf(put?.['Item'] ?? remove?.['Key']);
            }),
        ),
      ];
    case 'TransactGetItems':
      return transactItems(body).map(({ Get: get }) => act('GetItem', [keyOf(get?.['Key'])]));
    case 'TransactWriteItems':
      return transactItems(body).map((item) => {
        const [kind, of] = Object.entries(item)[0] ?? ['', undefined];
        const action =
          { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem' }[kind] ?? 'ConditionCheckItem';
        return act(action, [keyOf(kind === 'Put' ? of?.['Item'] : of?.['Key'])]);
      });
    default:
      return undefined;
  }
}

/** How many items a reply of the table engine took to answer, as far as the reply tells. */
export function itemsRead(operation: string, reply: Body): number | undefined {
  switch (operation) {
    case 'GetItem':
      return reply['Item'] ? 1 : 0;
    case 'Query':
    case 'Scan':
      return Number(reply['ScannedCount'] ?? reply['Count'] ?? 0);
    case 'BatchGetItem':
      return Object.values((reply['Responses'] ?? {}) as Record<string, unknown[]>).flat().length;
    case 'TransactGetItems':
      return ((reply['Responses'] ?? []) as Body[]).filter(({ Item }) => Item).length;
    default:
      return undefined;
  }
}

/** The tables a request names, once each. */
export function tablesOf(body: Body): string[] {
  const names = [
    body['TableName'],
    ...Object.keys(body['RequestItems'] ?? {}),
    ...transactItems(body).flatMap((item) => Object.values(item).map((of) => of?.['TableName'])),
  ];
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

function queryAct(body: Body, table: TableKeys): Act {
  const index = body['IndexName'];
  const partitionKey = typeof index === 'string' ? (table.indexes.get(index) ?? '') : table.partitionKey;
  const names = (body['ExpressionAttributeNames'] ?? {}) as Record<string, string>;
  const values = (body['ExpressionAttributeValues'] ?? {}) as Body;
  const expression = body['KeyConditionExpression'];
  const equals = typeof expression === 'string' ? [...expression.matchAll(/([#\w]+)\s*=\s*(:\w+)/g)] : [];
  const ofPartition = equals.find(([, name = '']) => (names[name] ?? name) === partitionKey);
  return {
    action: 'dynamodb:Query',
    resource: onIndex(body, table),
    // The engine refuses a query without an equal partition key; an empty key is in nobody's partition.
    leadingKeys: [text(values[ofPartition?.[2] ?? ''])],
  };
}

function onIndex(body: Body, table: TableKeys): string {
  return typeof body['IndexName'] === 'string' ? `${table.arn}/index/${body['IndexName']}` : table.arn;
}

function requestItems(body: Body): Body[] {
  return Object.values((body['RequestItems'] ?? {}) as Record<string, Body>);
}

function transactItems(body: Body): Record<string, Body | undefined>[] {
  return (body['TransactItems'] ?? []) as Record<string, Body | undefined>[];
}

function text(attribute: unknown): string {
  const value = attribute as { S?: string; N?: string; B?: string } | undefined;
  return value?.S ?? value?.N ?? value?.B ?? '';
}
