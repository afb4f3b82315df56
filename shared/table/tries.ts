import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Failure } from '#shared/failure.ts';
import { mark, unmarked } from './mark.ts';
import { isOverload, isPassing } from './overload.ts';
import type { Item } from './table.ts';

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

/** Answers what stands there when the condition failed because this very write was done already. */
export async function unlessOwn<T>(
  writeId: string | undefined,
  send: () => Promise<T>,
): Promise<T | { own: Item }> {
  try {
    return await written(send);
  } catch (error) {
    if (!(error instanceof ConditionFailed) || error.item === undefined) throw error;
    if (writeId !== undefined && error.item[mark] === writeId) return { own: error.item };
    throw new ConditionFailed(unmarked(error.item), error.index, error.cause);
  }
}

/** @throws Failure OVERLOADED */
export async function answered<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw isOverload(error) ? new Failure('OVERLOADED', undefined, { cause: error }) : error;
  }
}

/** How often we send again what the SDK does not. */
export const triesMax = 6;

/**
 * Two transactions on one item, or an update during one, make DynamoDB refuse one of them without having done
 * anything; the SDK does not try again by itself, so we do.
 * @throws ConditionFailed, Failure OVERLOADED
 */
export function written<T>(send: () => Promise<T>): Promise<T> {
  return answered(async () => {
    for (let tries = 1; ; tries++) {
      try {
        return await send();
      } catch (error) {
        throwConditionFailed(error);
        const passes =
          error instanceof TransactionConflictException ||
          (error instanceof TransactionCanceledException && isPassing(error));
        if (!passes || tries === triesMax) throw error;
      }
      await pauseAfter(tries);
    }
  });
}

function throwConditionFailed(error: unknown): void {
  if (error instanceof ConditionalCheckFailedException) {
    throw new ConditionFailed(error.Item && unmarshall(error.Item), 0, error);
  }
  if (!(error instanceof TransactionCanceledException)) return;
  const reasons = error.CancellationReasons ?? [];
  const index = reasons.findIndex((reason) => reason.Code === 'ConditionalCheckFailed');
  const item = reasons[index]?.Item;
  if (index >= 0) throw new ConditionFailed(item && unmarked(unmarshall(item)), index, error);
}

/** Longer after each try, and never the same for two who wait. */
export function pauseAfter(tries: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** tries));
}
