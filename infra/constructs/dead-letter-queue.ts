import { Duration, Validations } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { fiveMinutes, ImpactAlarm } from './impact-alarm.ts';

export interface DeadLetterQueueProps {
  readonly queueName: string;
  /** What people lose while messages lie here. */
  readonly impact: string;
  readonly alarmTopic: ITopic | undefined;
}

/** Where messages end that could not be handled: kept 14 days, the longest there is, and the first one rings. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    super(scope, id, {
      queueName: props.queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    new ImpactAlarm(this, 'Alarm', {
      alarmName: `${props.queueName}-not-empty`,
      metric: this.metricApproximateNumberOfMessagesVisible({ period: fiveMinutes, statistic: 'Maximum' }),
      threshold: 1,
      impact: props.impact,
      article: 'dead-letters',
      topic: props.alarmTopic,
    });
    const reason = 'This is a dead-letter queue: people empty it, there is nowhere further to go.';
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions::AwsSolutions-SQS3', reason },
      { id: 'Serverless::Serverless-SQSRedrivePolicy', reason },
    );
  }
}
