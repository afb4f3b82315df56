import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** What alarms and the dashboard count. */
export type MetricName =
  | 'CallsAnswered'
  | 'CallsMissed'
  | 'FallbackUsed'
  | 'SignatureRefused'
  | 'TwilioErrors'
  | 'SmsSent'
  | 'SmsSkipped'
  | 'SmsSkippedNoSender'
  | 'SmsAccountCapped'
  | 'SmsSenderRefused'
  | 'PaymentsBooked'
  | 'PaymentUnmatched'
  | 'CountersRepaired'
  | 'LedgerDiffers'
  | 'AuditDrift'
  | 'AuditLogNotWritten'
  | 'EventsDelivered'
  | 'EventsLate'
  | 'EventsFailed'
  | 'PoolFree'
  | 'TwilioBalance'
  | 'PoolBelowBuffer';

/** The one value of the dimension `service`: a metric by parts of the system would be paid for once a part. */
export const metricService = 'switchboard';

// Made when something is first counted: most cold starts count nothing.
let metrics: Metrics | undefined;

/**
 * Counts `value` under `name`; written at once, as a line of the log that CloudWatch turns into a metric. `properties` stand
 * in the line alone, where a query finds them: as dimensions they would make metrics that are paid for one by one.
 */
export function count(name: MetricName, value = 1, properties: Readonly<Record<string, string>> = {}): void {
  metrics ??= new Metrics({ serviceName: metricService });
  const metric = metrics.singleMetric();
  for (const [property, text] of Object.entries(properties)) metric.addMetadata(property, text);
  metric.addMetric(name, MetricUnit.Count, value);
}
