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
  | 'PaymentsBooked'
  | 'PaymentUnmatched'
  | 'AuditDrift'
  | 'PoolFree'
  | 'PoolBelowBuffer';

const metrics = new Metrics();

/** Counts `value` under `name`; written at once, as a line of the log that CloudWatch turns into a metric. */
export function count(name: MetricName, value = 1): void {
  metrics.singleMetric().addMetric(name, MetricUnit.Count, value);
}
