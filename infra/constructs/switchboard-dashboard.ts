import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type Contracts, declared, functionNames } from '#infra/contracts.ts';
import type { MetricName } from '#shared/metric.ts';
import type { Gateway } from './http-routes.ts';
import { fiveMinutes } from './impact-alarm.ts';
import { metricsNamespace, resourceName } from './names.ts';
import type { Platform } from './platform.ts';

export interface SwitchboardDashboardProps {
  readonly contracts: Contracts;
  readonly gateway: Gateway;
  readonly platform: Platform;
}

/** One page: the business first, then what needs a person, then the machinery. */
export class SwitchboardDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { contracts, gateway, platform }: SwitchboardDashboardProps) {
    const { config, table, queues } = platform;
    const named = (...parts: string[]) => resourceName(config.stage, ...parts);
    const counted = (name: MetricName, over?: 'SUM' | 'MAX') => countedIn(config.stage, name, over);
    const functions = (metricName: string, statistic: string) =>
      functionNames(contracts).map(({ id: label, bundle }) =>
        metric('AWS/Lambda', metricName, { FunctionName: named(bundle) }, statistic, label),
      );
    const api = (metricName: string, statistic: string) =>
      metric('AWS/ApiGateway', metricName, { ApiId: gateway.apiId }, statistic, `${metricName} ${statistic}`);
    const deadLetterQueues = [
      ...Object.values(queues).map(({ deadLetters }) => deadLetters.queueName),
      ...[...declared(contracts.consumers), ...declared(contracts.schedules)]
        .filter(({ contract }) => !('queue' in contract))
        .map(({ bundle }) => named(bundle, 'dead-letters')),
    ];
    super(scope, id, {
      dashboardName: named(),
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          graph('Calls', [counted('CallsAnswered'), counted('CallsMissed'), counted('FallbackUsed')]),
          graph('Texts', [counted('SmsSent'), counted('SmsSkipped'), counted('SmsSkippedNoSender')]),
          graph('Payments', [counted('PaymentsBooked'), counted('PaymentUnmatched')]),
        ],
        [
          graph('Pool', [counted('PoolFree', 'MAX'), counted('PoolBelowBuffer'), counted('AuditDrift')]),
          graph('Refused and failed', [counted('SignatureRefused'), counted('TwilioErrors')]),
          graph(
            'Dead letters',
            deadLetterQueues.map((QueueName) =>
              metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }, Stats.MAXIMUM),
            ),
          ),
        ],
        [
          graph('Requests', [api('Count', Stats.SUM), api('4xx', Stats.SUM), api('5xx', Stats.SUM)]),
          graph('Answer time, ms', [api('Latency', Stats.p(50)), api('Latency', Stats.p(99))]),
          graph(
            'Oldest waiting message, s',
            Object.values(queues).map(({ queue }) => queue.metricApproximateAgeOfOldestMessage()),
          ),
        ],
        [
          graph('Function errors', functions('Errors', Stats.SUM)),
          graph('Function time p99, ms', functions('Duration', Stats.p(99))),
          graph('Table units', [
            table.metricConsumedReadCapacityUnits({ period: fiveMinutes }),
            table.metricConsumedWriteCapacityUnits({ period: fiveMinutes }),
          ]),
        ],
      ],
    });
  }
}

/** A metric of the functions, over all parts of the system that count it. */
function countedIn(stage: string, name: MetricName, over: 'SUM' | 'MAX' = 'SUM'): MathExpression {
  const statistic = over === 'SUM' ? 'Sum' : 'Maximum';
  const search = `SEARCH('{${metricsNamespace(stage)},service} MetricName="${name}"', '${statistic}', 300)`;
  return new MathExpression({ expression: `${over}(${search})`, label: name, period: fiveMinutes });
}

function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
  label?: string,
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap,
    statistic,
    period: fiveMinutes,
    ...(label && { label }),
  });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6 });
}
