import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { Declared } from '#infra/contracts.ts';
import type { StreamConsumer as Contract } from '#shared/queue/consumer.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { grant } from './grants.ts';
import { deadLettersOf } from './names.ts';
import type { Platform } from './platform.ts';
import { ServiceFunction } from './service-function.ts';

export interface StreamConsumerProps {
  readonly consumer: Declared<Contract>;
  readonly platform: Platform;
}

/** The function that reads the table's changes in order. */
export class StreamConsumer extends Construct {
  constructor(scope: Construct, id: string, { consumer, platform }: StreamConsumerProps) {
    super(scope, id);
    const { contract, bundle } = consumer;
    const { config, table } = platform;
    const streamArn = config.tableStreamArn ?? table.tableStreamArn;
    if (!streamArn) throw new Error(`${consumer.id} reads the table's stream, which is off`);
    const deadLetters = new DeadLetterQueue(this, 'DeadLetters', deadLettersOf(config.stage, bundle));
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
            actions: [
              'dynamodb:DescribeStream',
              'dynamodb:GetRecords',
              'dynamodb:GetShardIterator',
              'dynamodb:ListStreams',
            ],
            resources: [streamArn],
          }),
          new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
        ],
      },
      platform,
    });
    new EventSourceMapping(this, 'Source', {
      target: lambda,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: contract.batchSize,
      filters: [FilterCriteria.filter({ dynamodb: { NewImage: { entity: { S: [...contract.entities] } } } })],
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: contract.retriesMax,
      // The stream keeps 24 hours; giving up at half of it leaves time to read a record that the dead letter names.
      maxRecordAge: Duration.hours(12),
      onFailure: new SqsDlq(deadLetters),
    });
  }
}
