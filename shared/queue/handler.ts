import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { log } from '#shared/log.ts';
import type { QueueConsumer } from './consumer.ts';

type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;
type Message<C extends QueueConsumer> = z.output<C['message']>;

/**
 * The handler of a queue: every message is checked and worked on by itself, so that a poison message goes to the
 * dead-letter queue alone while its neighbours are done.
 */
export function queueHandler<C extends QueueConsumer>(
  contract: () => C,
  work: (message: Message<C>) => Promise<void>,
): QueueHandler {
  const consumer = contract();
  return async ({ Records: records }) => ({ batchItemFailures: await oneByOne(consumer, records, work) });
}

/**
 * The handler of a queue whose messages are cheaper together: the whole batch is worked on at once, and message by
 * message when that fails, so that one poison message does not hold up the others.
 */
export function queueBatchHandler<C extends QueueConsumer>(
  contract: () => C,
  work: (messages: Message<C>[]) => Promise<void>,
): QueueHandler {
  const consumer = contract();
  return async ({ Records: records }) => {
    try {
      await work(records.map((record) => parse(consumer, record)));
      return { batchItemFailures: [] };
    } catch (error) {
      log.warn('batch failed, its messages are tried one by one', error as Error);
      return { batchItemFailures: await oneByOne(consumer, records, (message) => work([message])) };
    }
  };
}

async function oneByOne<C extends QueueConsumer>(
  consumer: C,
  records: SQSRecord[],
  work: (message: Message<C>) => Promise<void>,
): Promise<SQSBatchResponse['batchItemFailures']> {
  const failed: string[] = [];
  for (const record of records) {
    log.resetKeys();
    log.appendKeys({ messageId: record.messageId });
    try {
      await work(parse(consumer, record));
    } catch (error) {
      log.error('message failed, it will come again', error as Error);
      failed.push(record.messageId);
    }
  }
  return failed.map((itemIdentifier) => ({ itemIdentifier }));
}

function parse<C extends QueueConsumer>(consumer: C, record: SQSRecord): Message<C> {
  return consumer.message.parse(JSON.parse(record.body)) as Message<C>;
}
