import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Declared } from '#infra/contracts.ts';
import type { QueueConsumer as Contract } from '#shared/queue/consumer.ts';
import { grant } from './grants.ts';
import type { Platform } from './platform.ts';
import { ServiceFunction } from './service-function.ts';

export interface QueueConsumerProps {
  readonly consumer: Declared<Contract>;
  readonly platform: Platform;
}

/** Enough for hundreds of messages a second, and no more than a new account has for all functions. */
const usualConcurrencyMax = 10;

/** The worker that drains a queue. */
export class QueueConsumer extends Construct {
  constructor(scope: Construct, id: string, { consumer, platform }: QueueConsumerProps) {
    super(scope, id);
    const { contract } = consumer;
    const pair = platform.queues[contract.queue];
    if (!pair) throw new Error(`${consumer.id} drains the queue "${contract.queue}", which does not exist`);
    const { queue } = pair;
    const granted = grant(contract.grants, platform);
    const { lambda } = new ServiceFunction(this, 'Service', {
      name: consumer,
      summary: contract.summary,
      timeoutSeconds: contract.timeoutSeconds,
      granted: {
        ...granted,
        statements: [
          ...granted.statements,
          new PolicyStatement({
            actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            resources: [queue.queueArn],
          }),
        ],
      },
      platform,
    });
    const source = new EventSourceMapping(this, 'Source', {
      target: lambda,
      eventSourceArn: queue.queueArn,
      batchSize: contract.batchSize,
      ...(contract.batchWindowSeconds && {
        maxBatchingWindow: Duration.seconds(contract.batchWindowSeconds),
      }),
      maxConcurrency: contract.concurrencyMax ?? usualConcurrencyMax,
      reportBatchItemFailures: true,
    });
    Validations.of(source).acknowledge({
      id: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
      reason:
        'SQS sources have no destination: the queue itself moves hopeless messages to its dead-letter queue.',
    });
  }
}
