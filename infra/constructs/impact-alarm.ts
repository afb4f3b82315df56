import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { AlarmPlan, MetricPlan } from '#infra/alarms.ts';
import { resourceName } from './names.ts';

export interface ImpactAlarmProps {
  readonly stage: string;
  readonly plan: AlarmPlan;
  readonly topic: ITopic | undefined;
}

/** An alarm that says what people lose and which runbook article helps; its name says whether it wakes somebody. */
export class ImpactAlarm extends Alarm {
  constructor(scope: Construct, id: string, { stage, plan, topic }: ImpactAlarmProps) {
    const below = plan.rings === 'below';
    super(scope, id, {
      alarmName: resourceName(stage, plan.severity, plan.name),
      alarmDescription: `${plan.impact} What to do: docs/runbook.md#${plan.article}`,
      metric: watched(plan),
      threshold: plan.threshold,
      evaluationPeriods: plan.periods ?? 1,
      datapointsToAlarm: plan.periodsAbove ?? plan.periods ?? 1,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // What is read once an hour leaves most periods without a figure: no news of a low figure does not mend it.
      treatMissingData: below ? TreatMissingData.IGNORE : TreatMissingData.NOT_BREACHING,
    });
    if (!topic) return;
    const notify = new SnsAction(topic);
    this.addAlarmAction(notify);
    this.addOkAction(notify);
  }
}

function watched({ metrics, over = 'SUM', periodMinutes }: AlarmPlan): IMetric {
  const period = Duration.minutes(periodMinutes);
  const parts = metrics.map((plan) => metricOf(plan, period));
  const [only, ...others] = parts;
  if (!only) throw new Error('an alarm without a metric');
  if (others.length === 0) return only;
  return new MathExpression({
    // Counts what there is: a series without a figure in a period does not hide the others.
    expression: `${over}(METRICS())`,
    usingMetrics: Object.fromEntries(parts.map((part, index) => [`m${index}`, part])),
    period,
  });
}

/** The metric that a plan names. */
export function metricOf({ dimensions, ...plan }: MetricPlan, period: Duration, label?: string): Metric {
  return new Metric({ ...plan, dimensionsMap: { ...dimensions }, period, ...(label && { label }) });
}
