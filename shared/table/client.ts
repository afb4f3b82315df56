import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { Binder, type Changes, type Condition, updateExpression } from './conditions.ts';
import type { Key } from './keys.ts';

/** An item as it stands in the table; repositories parse it. */
export type Item = Record<string, unknown>;

/** One write of a transaction. */
export type Write =
  | { put: Item & Key; if?: Condition }
  | { update: Key; changes: Changes; if?: Condition }
  | { delete: Key; if?: Condition }
  | { check: Key; if: Condition };

export interface Query {
  index?: 'gsi1' | 'gsi2';
  pk: string;
  /** Bounds of the sort key, both inclusive. */
  from?: string;
  to?: string;
  limit: number;
  newestFirst?: boolean;
  /** Where to go on, as `next` of the last page gave it; another place is refused with Failure INVALID_CURSOR. */
  after?: Record<string, string>;
}

export interface Page {
  items: Item[];
  next: Record<string, string> | undefined;
}

/** The item did not fulfil the condition; `item` is what stands there, of a transaction the first that failed. */
export class ConditionFailed extends Error {
  readonly item: Item | undefined;
  /** Place of the failed write in its transaction. */
  readonly index: number;

  constructor(item: Item | undefined, index: number, cause: unknown) {
    super('condition on the item failed', { cause });
    this.name = 'ConditionFailed';
    this.item = item;
    this.index = index;
  }
}

/** The single table. Reads are consistent but for those of an index. */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  /** At most 100 keys; the order of the answer is that of the keys, what is not there is left out. */
  getMany(keys: Key[]): Promise<Item[]>;
  query(query: Query): Promise<Page>;
  /** How many items a partition of an index holds, from a sort key on; reads as many bytes as `query` would. */
  count(query: { index: 'gsi1' | 'gsi2'; pk: string; from?: string }): Promise<number>;
  /** @throws ConditionFailed */
  put(item: Item & Key, condition?: Condition): Promise<void>;
  /** Answers the item as it stands afterwards. @throws ConditionFailed */
  update(key: Key, changes: Changes, condition?: Condition): Promise<Item>;
  /** All or nothing. @throws ConditionFailed */
  transact(writes: Write[]): Promise<void>;
}

let clientOfFunction: DynamoDBClient | undefined;

/** One for all parts of a function, so that they share its connections. */
function sharedClient(): DynamoDBClient {
  clientOfFunction ??= new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
  return clientOfFunction;
}

/** The table of this function. Calls give up after 3 s each, so that a webhook can still answer. */
export function connectTable(
  tableName: string = requireEnv('TABLE_NAME'),
  client: DynamoDBClient = sharedClient(),
): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  return {
    async get(key) {
      const { Item: item } = await documents.send(
        new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
      );
      return item;
    },

    async getMany(keys) {
      const found = new Map<string, Item>();
      let wanted: Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
      while (wanted.length > 0) {
        const answer = await documents.send(
          new BatchGetCommand({ RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true } } }),
        );
        for (const item of answer.Responses?.[tableName] ?? []) found.set(`${item.pk}\n${item.sk}`, item);
        wanted = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
        if (wanted.length > 0) await pause(50 + Math.random() * 50);
      }
      return keys.map(({ pk, sk }) => found.get(`${pk}\n${sk}`)).filter((item) => item !== undefined);
    },

    async query(query) {
      const bind = new Binder();
      const pk = bind.name(query.index === undefined ? 'pk' : `${query.index}pk`);
      const sk = query.index === undefined ? 'sk' : `${query.index}sk`;
      const range =
        query.from === undefined && query.to === undefined
          ? ''
          : ` AND ${bind.name(sk)} BETWEEN ${bind.value(query.from ?? ' ')} AND ${bind.value(query.to ?? '\uffff')}`;
      const page = documents.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: query.index,
          KeyConditionExpression: `${pk} = ${bind.value(query.pk)}${range}`,
          ExpressionAttributeNames: bind.names,
          ExpressionAttributeValues: bind.values,
          Limit: query.limit,
          ScanIndexForward: query.newestFirst !== true,
          ConsistentRead: query.index === undefined,
          ExclusiveStartKey: query.after,
        }),
      );
      const answer = await page.catch((error: Error) => {
        const forged = query.after !== undefined && error.name === 'ValidationException';
        throw forged ? new Failure('INVALID_CURSOR', undefined, { cause: error }) : error;
      });
      return {
        items: answer.Items ?? [],
        next: answer.LastEvaluatedKey as Record<string, string> | undefined,
      };
    },

    async count({ index, pk, from }) {
      let counted = 0;
      let after: Record<string, unknown> | undefined;
      do {
        const answer = await documents.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: index,
            KeyConditionExpression: '#pk = :pk AND #sk >= :from',
            ExpressionAttributeNames: { '#pk': `${index}pk`, '#sk': `${index}sk` },
            ExpressionAttributeValues: { ':pk': pk, ':from': from ?? ' ' },
            Select: 'COUNT',
            ExclusiveStartKey: after,
          }),
        );
        counted += answer.Count ?? 0;
        after = answer.LastEvaluatedKey;
      } while (after !== undefined);
      return counted;
    },

    async put(item, condition) {
      const bind = new Binder();
      const expression = condition?.(bind);
      await whenConditionFails(() =>
        documents.send(
          new PutCommand({
            TableName: tableName,
            Item: item,
            ConditionExpression: expression,
            ...bound(bind),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
    },

    async update(key, changes, condition) {
      const bind = new Binder();
      const update = updateExpression(changes, bind);
      const expression = condition?.(bind);
      const answer = await whenConditionFails(() =>
        documents.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk: key.pk, sk: key.sk },
            UpdateExpression: update,
            ConditionExpression: expression,
            ...bound(bind),
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return answer.Attributes as Item;
    },

    async transact(writes) {
      const items = writes.map((write) => transactItem(tableName, write));
      await whenConditionFails(() => documents.send(new TransactWriteCommand({ TransactItems: items })));
    },
  };
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

function transactItem(tableName: string, write: Write): TransactItem {
  const bind = new Binder();
  const update = 'update' in write ? updateExpression(write.changes, bind) : undefined;
  const condition = write.if?.(bind);
  const rest = {
    TableName: tableName,
    ConditionExpression: condition,
    ...bound(bind),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
  if ('put' in write) return { Put: { Item: write.put, ...rest } };
  if ('update' in write) return { Update: { Key: keyOf(write.update), UpdateExpression: update, ...rest } };
  if ('delete' in write) return { Delete: { Key: keyOf(write.delete), ...rest } };
  return { ConditionCheck: { Key: keyOf(write.check), ...rest, ConditionExpression: condition } };
}

function keyOf({ pk, sk }: Key): Key {
  return { pk, sk };
}

function bound(bind: Binder) {
  return {
    ExpressionAttributeNames: Object.keys(bind.names).length > 0 ? bind.names : undefined,
    ExpressionAttributeValues: Object.keys(bind.values).length > 0 ? bind.values : undefined,
  };
}

const conflictTriesMax = 6;

/**
 * Two transactions on one item, or an update during one, make DynamoDB refuse one of them without having done
 * anything; the SDK does not try again by itself, so we do.
 */
async function whenConditionFails<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        throw new ConditionFailed(error.Item && unmarshall(error.Item), 0, error);
      }
      if (error instanceof TransactionCanceledException) {
        const reasons = error.CancellationReasons ?? [];
        const index = reasons.findIndex((reason) => reason.Code === 'ConditionalCheckFailed');
        const item = reasons[index]?.Item;
        if (index >= 0) throw new ConditionFailed(item && unmarshall(item), index, error);
        if (!reasons.some((reason) => reason.Code === 'TransactionConflict')) throw error;
      } else if (!(error instanceof TransactionConflictException)) {
        throw error;
      }
      if (tries === conflictTriesMax) throw error;
    }
    await pause(Math.random() * 25 * 2 ** tries);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
