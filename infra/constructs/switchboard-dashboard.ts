import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type Contracts, functionNamed } from '#infra/contracts.ts';
import { counted, type MetricPlan, ofApi, ofFunction, ofQueue } from '#infra/metrics.ts';
import { timerDeadLetters, workerDeadLetters, workQueues } from '#infra/queues.ts';
import type { MetricName } from '#shared/metric.ts';
import type { Gateway } from './http-routes.ts';
import { metricOf } from './impact-alarm.ts';
import { resourceName } from './names.ts';
import type { Platform } from './platform.ts';

export interface SwitchboardDashboardProps {
  readonly contracts: Contracts;
  readonly gateway: Gateway;
  readonly platform: Platform;
}

/** Webhooks that answer while a caller waits. */
const heard: readonly string[] = ['calls.answerCall', 'calls.completeDial', 'calls.answerWhisper'];

/**
 * One page: the business first, then what needs a person, then the machinery. At most 50 metrics: so many are free on
 * each of an account's first three dashboards, and more cost three dollars a month. The runbook shows how to ask for
 * the figures of any function.
 */
export class SwitchboardDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { contracts, gateway, platform }: SwitchboardDashboardProps) {
    const { config, table } = platform;
    const { stage } = config;
    const counts = (...names: MetricName[]) => names.map((name) => shown(counted(stage, name), name));
    const api = (metricName: string, statistic: string) =>
      shown(ofApi(gateway.apiId, metricName, statistic), `${metricName} ${statistic}`);
    const answering = heard.map((name) => functionNamed(contracts, name));
    const deadLetters = [...workerDeadLetters(stage, contracts), timerDeadLetters(stage, contracts)];
    super(scope, id, {
      dashboardName: resourceName(stage),
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          graph('Calls', counts('CallsAnswered', 'CallsMissed', 'FallbackUsed')),
          graph('Texts', counts('SmsSent', 'SmsSkipped', 'SmsSkippedNoSender')),
          graph('Payments', counts('PaymentsBooked', 'PaymentUnmatched')),
        ],
        [
          graph('Pool', [
            shown(counted(stage, 'PoolFree', 'Maximum'), 'PoolFree'),
            ...counts('PoolBelowBuffer', 'AuditDrift'),
          ]),
          graph('Refused and failed', counts('SignatureRefused', 'TwilioErrors')),
          graph(
            'Dead letters',
            deadLetters.map(({ queueName }) =>
              shown(ofQueue(queueName, 'ApproximateNumberOfMessagesVisible'), queueName),
            ),
          ),
        ],
        [
          graph('Requests', [api('Count', 'Sum'), api('4xx', 'Sum'), api('5xx', 'Sum')]),
          graph('Answer time, ms', [api('Latency', Stats.p(50)), api('Latency', Stats.p(99))]),
          graph(
            'Oldest waiting message, s',
            workQueues(stage, contracts).map(({ queueName }) =>
              shown(ofQueue(queueName, 'ApproximateAgeOfOldestMessage'), queueName),
            ),
          ),
        ],
        [
          graph(
            'Time until a caller hears something, p99, ms',
            answering.map((name) => shown(ofFunction(stage, name, 'Duration', 'p99'), name.id)),
          ),
          graph('Functions turned away in the account', [
            shown(
              { namespace: 'AWS/Lambda', metricName: 'Throttles', dimensions: {}, statistic: 'Sum' },
              'Throttles',
            ),
          ]),
          graph('Table units', [
            table.metricConsumedReadCapacityUnits({ period: fiveMinutes }),
            table.metricConsumedWriteCapacityUnits({ period: fiveMinutes }),
          ]),
        ],
      ],
    });
  }
}

const fiveMinutes = Duration.minutes(5);

function shown(plan: MetricPlan, label: string): IMetric {
  return metricOf(plan, fiveMinutes, label);
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6 });
}
