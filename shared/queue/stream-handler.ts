import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { log } from '#shared/log.ts';

/** An item before and after a change; either may be missing. */
export interface Change {
  before: Record<string, unknown> | undefined;
  after: Record<string, unknown> | undefined;
}

type Image = NonNullable<NonNullable<DynamoDBStreamEvent['Records'][number]['dynamodb']>['NewImage']>;

/**
 * The handler of the table's stream: changes in their order; at the first that fails the batch ends, and Lambda comes
 * again from there.
 */
export function streamHandler(
  work: (change: Change) => Promise<void>,
): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async (event) => {
    for (const record of event.Records) {
      try {
        await work({ before: plain(record.dynamodb?.OldImage), after: plain(record.dynamodb?.NewImage) });
      } catch (error) {
        log.error('change not passed on, it will come again', error as Error);
        return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };
      }
    }
    return { batchItemFailures: [] };
  };
}

function plain(image: Image | undefined): Record<string, unknown> | undefined {
  return image && unmarshall(image as Record<string, AttributeValue>);
}
