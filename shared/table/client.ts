import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { absent, Binder, differs, either, every, updateExpression } from './conditions.ts';
import { mark, unmarked } from './mark.ts';
import type { Item, Table } from './table.ts';
import { bound, keyOf, transactItem } from './transact-item.ts';
import { answered, pauseAfter, triesMax, unlessOwn, written } from './tries.ts';

export type { Item, Page, Table, Write } from './table.ts';
export { ConditionFailed } from './tries.ts';

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
  // It copies every request and answer for a log that nobody keeps, which costs more than to read the answer.
  documents.middlewareStack.remove('loggerMiddleware');

  return {
    async get(key) {
      const { Item: item } = await answered(() =>
        documents.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true })),
      );
      return item && unmarked(item);
    },

    async getMany(keys) {
      const found = new Map<string, Item>();
      // DynamoDB refuses a batch that names an item twice.
      const unique = new Map(keys.map(({ pk, sk }) => [`${pk}\n${sk}`, { pk, sk }]));
      let wanted: Record<string, unknown>[] = [...unique.values()];
      for (let tries = 1; wanted.length > 0; tries++) {
        const answer = await answered(() =>
          documents.send(
            new BatchGetCommand({ RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true } } }),
          ),
        );
        for (const item of answer.Responses?.[tableName] ?? [])
          found.set(`${item.pk}\n${item.sk}`, unmarked(item));
        wanted = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
        if (wanted.length === 0) break;
        if (tries === triesMax) throw new Failure('OVERLOADED');
        await pauseAfter(tries);
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
      const page = answered(() =>
        documents.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: query.index,
            KeyConditionExpression: `${pk} = ${bind.value(query.pk)}${range}`,
            ExpressionAttributeNames: bind.names,
            ExpressionAttributeValues: bind.values,
            // One more tells whether anything follows: DynamoDB names a place to go on after a last page that is full.
            Limit: query.limit + 1,
            ScanIndexForward: query.newestFirst !== true,
            ConsistentRead: query.index === undefined,
            ExclusiveStartKey: query.after,
          }),
        ),
      );
      const answer = await page.catch((error: Error) => {
        const forged = query.after !== undefined && error.name === 'ValidationException';
        throw forged ? new Failure('INVALID_CURSOR', undefined, { cause: error }) : error;
      });
      const items = answer.Items ?? [];
      const last = items[query.limit - 1];
      const next = items.length > query.limit && last ? placeOf(last, query.index) : answer.LastEvaluatedKey;
      return {
        items: items.slice(0, query.limit).map(unmarked),
        next: next as Record<string, string> | undefined,
      };
    },

    async count({ index, pk, from }) {
      let counted = 0;
      let after: Record<string, unknown> | undefined;
      do {
        const answer = await answered(() =>
          documents.send(
            new QueryCommand({
              TableName: tableName,
              IndexName: index,
              KeyConditionExpression: '#pk = :pk AND #sk >= :from',
              ExpressionAttributeNames: { '#pk': `${index}pk`, '#sk': `${index}sk` },
              ExpressionAttributeValues: { ':pk': pk, ':from': from ?? ' ' },
              Select: 'COUNT',
              ExclusiveStartKey: after,
            }),
          ),
        );
        counted += answer.Count ?? 0;
        after = answer.LastEvaluatedKey;
      } while (after !== undefined);
      return counted;
    },

    async put(item, condition) {
      const bind = new Binder();
      const expression = condition?.(bind);
      // Without a condition a second try writes the same once more.
      const writeId = condition && randomUUID();
      await unlessOwn(writeId, () =>
        documents.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...item, [mark]: writeId },
            ConditionExpression: expression,
            ...bound(bind),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
    },

    async update(key, changes, condition) {
      const bind = new Binder();
      const adds = changes.add !== undefined;
      const writeId = adds || condition ? randomUUID() : undefined;
      const update = updateExpression({ ...changes, set: { ...changes.set, [mark]: writeId } }, bind);
      // An addition would be done again by a second try, whatever its own condition says.
      const notDone = adds ? [either(absent(mark), differs(mark, writeId))] : [];
      const conditions = [...notDone, ...(condition ? [condition] : [])];
      const expression = conditions.length > 0 ? every(...conditions)(bind) : undefined;
      const answer = await unlessOwn(writeId, () =>
        documents.send(
          new UpdateCommand({
            TableName: tableName,
            Key: keyOf(key),
            UpdateExpression: update,
            ConditionExpression: expression,
            ...bound(bind),
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return unmarked('own' in answer ? answer.own : (answer.Attributes as Item));
    },

    async transact(writes) {
      const items = writes.map((write) => transactItem(tableName, write));
      // The SDK gives each command a token by which DynamoDB knows a second try.
      await written(() => documents.send(new TransactWriteCommand({ TransactItems: items })));
    },
  };
}

/** Where an item stands in the table and, if it was found there, in an index. */
function placeOf(item: Item, index: string | undefined): Item {
  const names = ['pk', 'sk', ...(index === undefined ? [] : [`${index}pk`, `${index}sk`])];
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}
