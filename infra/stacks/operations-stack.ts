import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Gateway } from '#infra/constructs/http-routes.ts';
import { type Article, fiveMinutes, ImpactAlarm } from '#infra/constructs/impact-alarm.ts';
import { metricsNamespace, resourceName } from '#infra/constructs/names.ts';
import type { Platform } from '#infra/constructs/platform.ts';
import { SwitchboardDashboard } from '#infra/constructs/switchboard-dashboard.ts';
import { type Contracts, declared, kebab } from '#infra/contracts.ts';
import type { MetricName } from '#shared/metric.ts';

export interface OperationsStackProps extends StackProps {
  readonly contracts: Contracts;
  readonly gateway: Gateway;
  readonly platform: Platform;
}

interface BusinessAlarm {
  readonly metric: MetricName;
  /** Folders of functions/ that count it. */
  readonly services: readonly string[];
  readonly threshold: number;
  readonly period: Duration;
  readonly impact: string;
  readonly article: Article;
}

/** Alarms on what the functions count, and the dashboard. */
export class OperationsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { contracts, gateway, platform, ...props }: OperationsStackProps,
  ) {
    super(scope, id, props);
    const { config, alarmTopic } = platform;
    for (const { metric, services, threshold, period, impact, article } of businessAlarms(contracts)) {
      for (const service of services) {
        new ImpactAlarm(this, `${metric}-${service}`, {
          alarmName: resourceName(config.stage, service, kebab(metric).slice(1)),
          metric: counted(config.stage, metric, service, period),
          threshold,
          impact,
          article,
          topic: alarmTopic,
        });
      }
    }
    new ImpactAlarm(this, 'TwilioBalance', {
      alarmName: resourceName(config.stage, 'twilio-balance'),
      metric: counted(config.stage, 'TwilioBalance', 'pool', Duration.hours(1), 'Minimum'),
      threshold: config.twilioBalanceMin,
      rings: 'below',
      impact: 'The Twilio account runs out of money: then no call is put through and no text is sent.',
      article: 'twilio-balance',
      topic: alarmTopic,
    });
    new ImpactAlarm(this, 'Throttles', {
      alarmName: resourceName(config.stage, 'throttles'),
      // Without a dimension, so for the whole account: its limit of concurrent functions is what runs out.
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Throttles',
        statistic: 'Sum',
        period: fiveMinutes,
      }),
      threshold: 1,
      impact: 'AWS turns function calls away: callers hear the apology, payments and texts come late.',
      article: 'throttles',
      topic: alarmTopic,
    });
    new SwitchboardDashboard(this, 'Dashboard', { contracts, gateway, platform });
  }
}

function businessAlarms(contracts: Contracts): BusinessAlarm[] {
  const granted = (...names: string[]) =>
    Object.values(contracts)
      .flatMap((kind) => declared<{ grants: readonly string[] }>(kind))
      .filter(({ contract }) => contract.grants.some((name) => names.includes(name)))
      .map(({ domain }) => domain);
  return [
    {
      metric: 'SignatureRefused',
      services: [...new Set(granted('twilio:signature', 'tipjar:signature'))],
      threshold: 5,
      period: fiveMinutes,
      impact:
        'Somebody forges webhooks, or the secret is wrong and every call, text or payment report is refused.',
      article: 'signature-refusals',
    },
    {
      metric: 'TwilioErrors',
      services: [
        ...new Set(
          granted('twilio:numbers', 'twilio:messages', 'twilio:calls', 'twilio:recordings', 'twilio:balance'),
        ),
      ],
      threshold: 5,
      period: fiveMinutes,
      impact: 'Twilio refuses or does not answer: numbers are not bought or released, texts are not sent.',
      article: 'twilio-errors',
    },
    {
      metric: 'FallbackUsed',
      services: ['calls'],
      threshold: 1,
      period: fiveMinutes,
      impact: 'A caller heard the apology instead of being put through to the DJ.',
      article: 'fallback-used',
    },
    {
      metric: 'FallbackUsed',
      services: ['messages'],
      threshold: 1,
      period: fiveMinutes,
      impact: 'A text to one of our numbers was not kept, perhaps one that asks for no more texts.',
      article: 'fallback-used',
    },
    {
      metric: 'SmsSkippedNoSender',
      services: ['messages'],
      threshold: 1,
      period: Duration.hours(1),
      impact: 'Callers get no payment link because no number may text them.',
      article: 'no-sender',
    },
    {
      metric: 'SmsAccountCapped',
      services: ['messages'],
      threshold: 1,
      period: Duration.hours(1),
      impact:
        "Callers get no payment link: the account's texts of the day are used up, perhaps by an attack.",
      article: 'texts-capped',
    },
    {
      metric: 'SmsSenderRefused',
      services: ['numbers'],
      threshold: 1,
      period: Duration.hours(1),
      impact: 'Carriers refuse the texts of a number: until it is registered again others send in its place.',
      article: 'sender-refused',
    },
    {
      metric: 'PaymentUnmatched',
      services: ['tipjar'],
      threshold: 1,
      period: Duration.hours(1),
      impact: 'Money came in that belongs to no call; no DJ is credited until it is assigned.',
      article: 'unmatched-payments',
    },
    {
      metric: 'CountersRepaired',
      services: ['analytics'],
      threshold: 1,
      period: Duration.hours(1),
      impact:
        'Analytics showed DJs wrong figures; the days that were looked at are right again, others may not be.',
      article: 'counters-repaired',
    },
    {
      metric: 'EventsLate',
      services: ['events'],
      threshold: 1,
      period: Duration.hours(1),
      impact:
        'The platform does not take our events for over half an hour: it shows old figures, and DJs are not told of missed calls.',
      article: 'events-not-delivered',
    },
    {
      metric: 'EventsFailed',
      services: ['events'],
      threshold: 1,
      period: Duration.hours(1),
      impact:
        'The platform did not take an event for two days: it never learns of it unless it is delivered again.',
      article: 'events-not-delivered',
    },
    {
      metric: 'AuditDrift',
      services: ['pool'],
      threshold: 1,
      period: Duration.hours(1),
      impact: "The pool and Twilio's list differ: numbers are paid for but unused, or ring nowhere.",
      article: 'audit-drift',
    },
    {
      metric: 'ActNotRecorded',
      services: [...new Set(granted('acts:append'))],
      threshold: 1,
      period: fiveMinutes,
      impact: 'An admin changed something, and the list of acts does not show who did it.',
      article: 'act-not-recorded',
    },
    {
      metric: 'PoolBelowBuffer',
      services: ['pool'],
      threshold: 1,
      period: Duration.hours(1),
      impact: 'The next DJs may get no number at once, or one from another area.',
      article: 'pool-below-buffer',
    },
  ];
}

function counted(
  stage: string,
  metricName: MetricName,
  service: string,
  period: Duration,
  statistic: 'Sum' | 'Minimum' = 'Sum',
): Metric {
  return new Metric({
    namespace: metricsNamespace(stage),
    metricName,
    dimensionsMap: { service },
    statistic,
    period,
  });
}
