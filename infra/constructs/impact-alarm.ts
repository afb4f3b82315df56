import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Articles of docs/runbook.md, by their anchor. */
export type Article =
  | 'act-not-recorded'
  | 'answer-call-errors'
  | 'answer-call-slow'
  | 'api-errors'
  | 'audit-drift'
  | 'dead-letters'
  | 'events-not-delivered'
  | 'fallback-used'
  | 'function-errors'
  | 'counters-repaired'
  | 'no-sender'
  | 'texts-capped'
  | 'sender-refused'
  | 'pool-below-buffer'
  | 'queue-age'
  | 'signature-refusals'
  | 'stream-behind'
  | 'throttles'
  | 'twilio-balance'
  | 'twilio-errors'
  | 'unmatched-payments';

export interface ImpactAlarmProps {
  readonly alarmName: string;
  readonly metric: IMetric;
  /** Alarms when the metric is at or above it, or below it if `rings` says so. */
  readonly threshold: number;
  readonly rings?: 'above' | 'below';
  /** Periods in a row that must be at or above it; one unless told. */
  readonly periods?: number;
  /** What people lose while it rings; the first thing that whoever is woken reads. */
  readonly impact: string;
  readonly article: Article;
  readonly topic: ITopic | undefined;
}

/** An alarm that says what people lose and which runbook article helps. */
export class ImpactAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: ImpactAlarmProps) {
    super(scope, id, {
      alarmName: props.alarmName,
      alarmDescription: `${props.impact} What to do: docs/runbook.md#${props.article}`,
      metric: props.metric,
      threshold: props.threshold,
      evaluationPeriods: props.periods ?? 1,
      comparisonOperator:
        props.rings === 'below'
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // What is read once an hour leaves most periods without a figure: no news of a low figure does not mend it.
      treatMissingData: props.rings === 'below' ? TreatMissingData.IGNORE : TreatMissingData.NOT_BREACHING,
    });
    if (props.topic) {
      const notify = new SnsAction(props.topic);
      this.addAlarmAction(notify);
      this.addOkAction(notify);
    }
  }
}

export const fiveMinutes = Duration.minutes(5);
