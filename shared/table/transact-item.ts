import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { Binder, updateExpression } from './conditions.ts';
import type { Key } from './keys.ts';
import type { Write } from './table.ts';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** One write of a transaction as DynamoDB takes it. */
export function transactItem(tableName: string, write: Write): TransactItem {
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

/** The key alone, of something that may carry more. */
export function keyOf({ pk, sk }: Key): Key {
  return { pk, sk };
}

/** Names and values of an expression; DynamoDB refuses empty ones. */
export function bound(bind: Binder) {
  return {
    ExpressionAttributeNames: Object.keys(bind.names).length > 0 ? bind.names : undefined,
    ExpressionAttributeValues: Object.keys(bind.values).length > 0 ? bind.values : undefined,
  };
}
