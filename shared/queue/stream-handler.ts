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
 * The handler of the table's stream. What follows from the changes of a batch is passed on together: one by one each
 * would wait for the one before, and the stream falls behind. A change from which nothing can be derived ends the batch,
 * and Lambda comes again from there; when passing on fails, the whole batch comes again.
 */
export function streamHandler<Message>(
  derive: (change: Change) => Message[],
  passOn: (messages: Message[]) => Promise<void>,
): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async ({ Records: records }) => {
    const messages: Message[] = [];
    let failed: DynamoDBStreamEvent['Records'][number] | undefined;
    for (const record of records) {
      try {
        messages.push(
          ...derive({ before: plain(record.dynamodb?.OldImage), after: plain(record.dynamodb?.NewImage) }),
        );
      } catch (error) {
        log.error('change not passed on, it will come again', error as Error);
        failed = record;
        break;
      }
    }
    try {
      await passOn(messages);
    } catch (error) {
      log.error('changes not passed on, they will come again', error as Error);
      failed = records[0];
    }
    return {
      batchItemFailures:
        failed === undefined ? [] : [{ itemIdentifier: failed.dynamodb?.SequenceNumber ?? '' }],
    };
  };
}

function plain(image: Image | undefined): Record<string, unknown> | undefined {
  return image && unmarshall(image as Record<string, AttributeValue>);
}
