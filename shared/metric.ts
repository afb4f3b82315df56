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

/** Counts `value` under `name`; written at once, as a line of the log that CloudWatch turns into a metric. */
export function count(name: MetricName, value = 1): void {
  metrics ??= new Metrics({ serviceName: metricService });
  metrics.singleMetric().addMetric(name, MetricUnit.Count, value);
}
