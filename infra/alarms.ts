import type { MetricName } from '#shared/metric.ts';
import { type Contracts, functionNamed, preTokenTrigger, sorted } from './contracts.ts';
import { counted, type MetricPlan, ofApi, ofFunction, ofQueue, ofRoutes } from './metrics.ts';
import { timerDeadLetters, workerDeadLetters, workQueues } from './queues.ts';

export type { MetricPlan } from './metrics.ts';

/** `page`: somebody is woken, because callers or money are lost by the hour. `ticket`: it can wait for the morning. */
export type Severity = 'page' | 'ticket';

/** One meaning, one alarm. docs/decisions/0016 tells why there are so few. */
export interface AlarmPlan {
  readonly name: string;
  readonly severity: Severity;
  /** Anchor in docs/runbook.md. */
  readonly article: string;
  /** What people lose while it rings; the first thing that whoever is woken reads. */
  readonly impact: string;
  readonly metrics: readonly MetricPlan[];
  /** How several metrics become one figure; their sum unless told. */
  readonly over?: 'SUM' | 'MAX';
  /** Rings when the figure is at or above it, or below it if `rings` says so. */
  readonly threshold: number;
  readonly rings?: 'above' | 'below';
  readonly periodMinutes: number;
  /** Periods that are looked at, one unless told, and how many of them must be above; all unless told. */
  readonly periods?: number;
  readonly periodsAbove?: number;
}

export interface WatchedStage {
  readonly stage: string;
  readonly apiId: string;
  readonly twilioBalanceMin: number;
  /** Does the stage have a user pool of its own? */
  readonly userPool: boolean;
}

/** Every alarm of a stage, in the order of docs/alarms.md: what wakes somebody first. */
export function alarmPlans(contracts: Contracts, watched: WatchedStage): AlarmPlan[] {
  const plans = [
    ...callers(contracts, watched),
    ...people(watched),
    ...workers(contracts, watched),
    ...business(watched),
  ];
  return plans.toSorted((a, b) => a.severity.localeCompare(b.severity));
}

function callers(contracts: Contracts, { stage }: WatchedStage): AlarmPlan[] {
  return [
    {
      name: 'calls-not-answered',
      severity: 'page',
      article: 'calls-not-answered',
      impact:
        'Callers hear the apology, or nothing, instead of being put through to their DJ; or a text to one of our numbers was not stored.',
      metrics: [counted(stage, 'FallbackUsed'), ofRoutes(stage, 'CallAnswerErrors')],
      threshold: 1,
      periodMinutes: 5,
    },
    {
      name: 'signature-refusals',
      severity: 'page',
      article: 'signature-refusals',
      impact:
        'Somebody forges webhooks, or the secret is wrong and every call, text or payment report is refused.',
      metrics: [counted(stage, 'SignatureRefused')],
      threshold: 5,
      periodMinutes: 5,
    },
    {
      name: 'webhook-errors',
      severity: 'ticket',
      article: 'webhook-errors',
      impact: 'Twilio gets no usable answer: its report of a call or a text is lost or late.',
      metrics: [ofRoutes(stage, 'TwilioWebhookErrors')],
      threshold: 1,
      periodMinutes: 5,
    },
    {
      name: 'answer-call-slow',
      severity: 'ticket',
      article: 'answer-call-slow',
      impact:
        'Callers hear silence before the phone rings, and beyond 15 seconds the apology instead of their DJ.',
      metrics: [ofFunction(stage, functionNamed(contracts, 'calls.answerCall'), 'Duration', 'p99')],
      threshold: 3000,
      periodMinutes: 5,
      // After a quiet time one cold start is the p99.
      periods: 3,
      periodsAbove: 2,
    },
  ];
}

function people({ stage, apiId, userPool }: WatchedStage): AlarmPlan[] {
  return [
    {
      name: 'payments-refused',
      severity: 'page',
      article: 'payments-refused',
      impact: 'TipJar gets errors when it reports payments: they are not booked to calls until it succeeds.',
      metrics: [ofRoutes(stage, 'TipJarWebhookErrors')],
      threshold: 1,
      // One error is mended by TipJar's next try; in two quarters of an hour it is not.
      periodMinutes: 15,
      periods: 4,
      periodsAbove: 2,
    },
    ...(userPool
      ? [
          {
            name: 'sign-in-errors',
            severity: 'page',
            article: 'sign-in-errors',
            impact: 'Nobody can sign in: Cognito issues no token while the function that completes it fails.',
            metrics: [ofFunction(stage, preTokenTrigger, 'Errors')],
            threshold: 1,
            periodMinutes: 5,
            periods: 3,
            periodsAbove: 2,
          } as const,
        ]
      : []),
    {
      name: 'api-errors',
      severity: 'ticket',
      article: 'api-errors',
      impact: 'People, Twilio or TipJar get errors instead of answers.',
      metrics: [ofApi(apiId, '5xx')],
      threshold: 5,
      periodMinutes: 5,
    },
    {
      name: 'throttles',
      severity: 'ticket',
      article: 'throttles',
      impact: 'AWS refuses to run functions: callers hear the apology, payments and texts come late.',
      // Without a dimension, so for the whole account: its limit of concurrent functions is what runs out.
      metrics: [{ namespace: 'AWS/Lambda', metricName: 'Throttles', dimensions: {}, statistic: 'Sum' }],
      threshold: 1,
      periodMinutes: 5,
    },
  ];
}

function workers(contracts: Contracts, { stage }: WatchedStage): AlarmPlan[] {
  const streams = sorted(contracts.consumers).filter(({ contract }) => contract.source === 'stream');
  return [
    ...eachTen(
      workerDeadLetters(stage, contracts).map(({ queueName }) =>
        ofQueue(queueName, 'ApproximateNumberOfMessagesVisible'),
      ),
      {
        name: 'dead-letters',
        severity: 'ticket',
        article: 'dead-letters',
        impact: 'Work was given up after several tries, and is lost in 14 days unless somebody puts it back.',
        over: 'MAX',
        threshold: 1,
        periodMinutes: 5,
      },
    ),
    {
      name: 'timers-failed',
      severity: 'ticket',
      article: 'timers-failed',
      impact: 'A timer failed: audits, sweeps, retries or deletions that people rely on were not done.',
      metrics: [ofQueue(timerDeadLetters(stage, contracts).queueName, 'ApproximateNumberOfMessagesVisible')],
      threshold: 1,
      periodMinutes: 5,
    },
    ...eachTen(
      workQueues(stage, contracts).map(({ queueName }) =>
        ofQueue(queueName, 'ApproximateAgeOfOldestMessage'),
      ),
      {
        name: 'queue-age',
        severity: 'ticket',
        article: 'queue-age',
        impact: 'Payment links, counters, events or files come late: messages wait longer than five minutes.',
        over: 'MAX',
        threshold: 300,
        periodMinutes: 5,
      },
    ),
    ...eachTen(
      streams.map((consumer) => ofFunction(stage, consumer, 'IteratorAge', 'Maximum')),
      {
        name: 'stream-behind',
        severity: 'page',
        article: 'stream-behind',
        impact:
          'Finished calls get no payment link and are not counted, and the platform gets no events; after a day they are lost.',
        over: 'MAX',
        threshold: 5 * 60_000,
        periodMinutes: 5,
      },
    ),
  ];
}

function business({ stage, twilioBalanceMin }: WatchedStage): AlarmPlan[] {
  const hourly = (article: string, impact: string, ...names: MetricName[]): AlarmPlan => ({
    name: article,
    severity: 'ticket',
    article,
    impact,
    metrics: names.map((name) => counted(stage, name)),
    threshold: 1,
    periodMinutes: 60,
  });
  return [
    {
      name: 'twilio-errors',
      severity: 'ticket',
      article: 'twilio-errors',
      impact: 'Twilio refuses or does not answer: numbers are not bought or released, texts are not sent.',
      metrics: [counted(stage, 'TwilioErrors')],
      threshold: 5,
      periodMinutes: 5,
    },
    {
      name: 'twilio-balance',
      severity: 'ticket',
      article: 'twilio-balance',
      impact:
        'The Twilio account is running out of money; once it has, no call is put through and no text is sent.',
      metrics: [counted(stage, 'TwilioBalance', 'Minimum')],
      threshold: twilioBalanceMin,
      rings: 'below',
      periodMinutes: 60,
    },
    hourly('no-sender', 'Callers get no payment link because no number may text them.', 'SmsSkippedNoSender'),
    hourly(
      'texts-capped',
      "Callers get no payment link: the account's daily limit of texts is used up, perhaps by an attack.",
      'SmsAccountCapped',
    ),
    hourly(
      'sender-refused',
      'Carriers refuse texts from a number; until it is registered again, others send in its place.',
      'SmsSenderRefused',
    ),
    hourly(
      'unmatched-payments',
      'Money came in that belongs to no call; no DJ is credited until it is assigned.',
      'PaymentUnmatched',
    ),
    hourly(
      'counters-repaired',
      'Analytics showed DJs wrong figures; the days that were checked are right again, others may not be.',
      'CountersRepaired',
    ),
    hourly(
      'ledger-differs',
      'A balance is not what its entries come to: payouts of a month to DJs may be wrong.',
      'LedgerDiffers',
    ),
    hourly(
      'events-not-delivered',
      'The platform does not accept our events: it shows old figures, and DJs are not told of missed calls.',
      'EventsLate',
      'EventsFailed',
    ),
    hourly(
      'audit-drift',
      "The pool and Twilio's list differ: numbers are paid for but unused, or ring nowhere.",
      'AuditDrift',
    ),
    hourly(
      'pool-below-buffer',
      'The next DJs may get no number at once, or one from another area.',
      'PoolBelowBuffer',
    ),
    hourly(
      'audit-log-not-written',
      'An admin changed something, and the audit log does not show who did it.',
      'AuditLogNotWritten',
    ),
  ];
}

/** An alarm takes ten metrics at most: more of the same make another of the same. */
function eachTen(metrics: readonly MetricPlan[], plan: Omit<AlarmPlan, 'metrics'>): AlarmPlan[] {
  const count = Math.ceil(metrics.length / 10);
  return Array.from({ length: count }, (_, index) => ({
    ...plan,
    name: index === 0 ? plan.name : `${plan.name}-${index + 1}`,
    metrics: metrics.slice(10 * index, 10 * index + 10),
  }));
}
