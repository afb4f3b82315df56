import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueueConsumer } from '#shared/queue/consumer.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { QueuePair } from './platform.ts';

export interface WorkQueueProps {
  readonly queueName: string;
  /** The worker that drains it. */
  readonly consumer: QueueConsumer;
}

/** A queue between functions with its dead-letter queue, shaped by the worker's contract. */
export class WorkQueue extends Construct implements QueuePair {
  readonly queue: Queue;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { queueName, consumer }: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', `${queueName}-dead-letters`);
    this.queue = new Queue(this, 'Queue', {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six timeouts, so that Lambda's own retries of a throttled batch don't make it visible to a second worker:
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * consumer.timeoutSeconds),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: consumer.receivesMax },
    });
  }
}
