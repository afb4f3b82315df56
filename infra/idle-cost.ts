import prices from './prices.json' with { type: 'json' };

/** A CloudFormation template, as far as its cost is concerned. */
export interface PricedTemplate {
  readonly Resources: Readonly<Record<string, { Type: string; Properties?: unknown }>>;
}

/** What a kind of thing costs a month while nobody calls. */
export interface CostLine {
  readonly kind: string;
  readonly usd: number;
  /** How it comes about. */
  readonly why: string;
}

/**
 * Metrics that timers write though nothing happens, and the timer. Others begin to cost with the first thing they count,
 * and only for the hours in which they count.
 */
export const metricsWhileIdle = {
  AuditDrift: 'pool-audit-pool',
  PoolFree: 'pool-audit-pool',
  PoolBelowBuffer: 'pool-audit-pool',
  TwilioBalance: 'pool-check-balance',
} as const;

/** What costs by use alone, and nobody uses it. */
export const freeWhileIdle: readonly string[] = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolGroup',
  'AWS::Cognito::UserPoolResourceServer',
  // On demand; storage and recovery are paid by the gigabyte, and an idle table has none worth a cent.
  'AWS::DynamoDB::GlobalTable',
  'AWS::IAM::Role',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::Route53::RecordSet',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
];

/** What the lines below reckon with, beside the number of resources. */
const priced: readonly string[] = [
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Logs::LogGroup',
  'AWS::SQS::Queue',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
];

// Estimates, rather too high than too low. Of a timer that finds nothing to do: milliseconds, table reads, log bytes.
const runMs = 200;
const runReadUnits = 4;
const runLogBytes = 1000;
// Lambda keeps five pollers on a queue that wait up to 20 seconds each; AWS documents five, and that empty receives are
// paid for: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
const pollersOfQueue = 5;
const pollSeconds = 20;
// Functions keep a secret for five minutes.
const secretReadsPerHourMax = 12;

const hours = prices.hoursPerMonth;

/** What a stage costs a month while nobody calls, by list prices, from its templates. Throws on what it cannot price. */
export function idleCost(templates: Readonly<Record<string, PricedTemplate>>, stage: string): CostLine[] {
  const all = Object.values(templates).flatMap(({ Resources }) => Object.values(Resources));
  for (const { Type } of all) {
    if (!priced.includes(Type) && !freeWhileIdle.includes(Type))
      throw new Error(`infra/idle-cost.ts does not know what ${Type} costs`);
  }
  const of = <P>(type: string) =>
    all.filter(({ Type }) => Type === type).map(({ Properties }) => Properties as P);
  const timers = timersOf(stage, of('AWS::Scheduler::Schedule'), of('AWS::Lambda::Function'));
  return [
    alarms(of('AWS::CloudWatch::Alarm'), of('AWS::CloudWatch::CompositeAlarm').length),
    dashboards(of('AWS::CloudWatch::Dashboard')),
    line('secrets', of('AWS::SecretsManager::Secret').length, 'secret', 'secrets'),
    line('keys', of('AWS::KMS::Key').length, 'key', 'keys'),
    polling(of('AWS::Lambda::EventSourceMapping')),
    metrics(timers),
    runs(timers),
  ];
}

export function totalUsd(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}

type PriceName = keyof typeof prices.usd;

function line(kind: string, amount: number, price: PriceName, what: string): CostLine {
  const each = prices.usd[price].price;
  return { kind, usd: amount * each, why: `${amount} ${what} at $${each}` };
}

function alarms(of: readonly { Metrics?: { MetricStat?: unknown }[] }[], composite: number): CostLine {
  const watched = of.map(({ Metrics }) => Metrics?.filter(({ MetricStat }) => MetricStat).length ?? 1);
  const count = watched.reduce((sum, one) => sum + one, 0);
  const { usd, why } = line('alarms', count, 'alarmMetric', `metrics watched by ${of.length} alarms`);
  if (composite === 0) return { kind: 'alarms', usd, why };
  const { price } = prices.usd.compositeAlarm;
  return {
    kind: 'alarms',
    usd: usd + composite * price,
    why: `${why}, ${composite} composite alarms at $${price}`,
  };
}

/** Free while the account has no more than three of at most 50 metrics; a larger one is paid for at once. */
function dashboards(of: readonly { DashboardBody: unknown }[]): CostLine {
  const { dashboardMetricsMax, dashboardsOfAnAccount } = prices.free;
  const sizes = of.map(({ DashboardBody }) => metricsShown(DashboardBody));
  const paid = sizes.filter((size, index) => size > dashboardMetricsMax || index >= dashboardsOfAnAccount);
  const { price } = prices.usd.dashboard;
  return {
    kind: 'dashboards',
    usd: paid.length * price,
    why: `${sizes.map((size) => `one of ${size} metrics`).join(', ')}; up to ${dashboardMetricsMax} are free on ${dashboardsOfAnAccount} dashboards of an account, else $${price}`,
  };
}

function metricsShown(body: unknown): number {
  const text = typeof body === 'string' ? body : joined(body as { 'Fn::Join': [string, unknown[]] });
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: unknown[] } }[] };
  return widgets.reduce((sum, { properties }) => sum + (properties.metrics?.length ?? 0), 0);
}

/** The text of a join, with a word in place of what is known only when it is deployed. */
function joined({ 'Fn::Join': [separator, parts] }: { 'Fn::Join': [string, unknown[]] }): string {
  return parts.map((part) => (typeof part === 'string' ? part : 'reference')).join(separator);
}

function polling(mappings: readonly { StartingPosition?: string }[]): CostLine {
  // Only streams have a position to start at; reading the table's stream costs Lambda's functions nothing.
  const queues = mappings.filter(({ StartingPosition }) => StartingPosition === undefined).length;
  const requests = Math.round((queues * pollersOfQueue * hours * 3600) / pollSeconds);
  return {
    kind: 'polling',
    usd: requests * prices.usd.queueRequest.price,
    why: `${queues} queues are asked ${millions(requests)} times, by ${pollersOfQueue} pollers each every ${pollSeconds} s`,
  };
}

interface Timer {
  readonly bundle: string;
  readonly runsPerMonth: number;
  readonly megabytes: number;
  readonly secrets: number;
  readonly traced: boolean;
}

interface ScheduleProperties {
  readonly Name: string;
  readonly ScheduleExpression: string;
}

interface FunctionProperties {
  readonly FunctionName: string;
  readonly MemorySize: number;
  readonly TracingConfig?: { Mode: string };
  readonly Environment?: { Variables: Record<string, unknown> };
}

function timersOf(stage: string, schedules: ScheduleProperties[], functions: FunctionProperties[]): Timer[] {
  return schedules.map(({ Name, ScheduleExpression }) => {
    const started = functions.find(({ FunctionName }) => FunctionName === Name);
    if (!started) throw new Error(`The schedule ${Name} starts no function of its name`);
    const variables = Object.keys(started.Environment?.Variables ?? {});
    return {
      bundle: Name.slice(`switchboard-${stage}-`.length),
      runsPerMonth: runsPerMonth(ScheduleExpression),
      megabytes: started.MemorySize,
      secrets: variables.filter((name) => name.endsWith('_SECRET_ID')).length,
      traced: started.TracingConfig?.Mode === 'Active',
    };
  });
}

const minutesOf: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 };

/** How often a timer runs a month. Throws on an expression of another form than `rate(5 minutes)` or a time of day. */
export function runsPerMonth(expression: string): number {
  const [, every, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const minutes = minutesOf[unit];
  if (every && minutes) return (hours * 60) / (Number(every) * minutes);
  if (/^cron\(\d+ \d+ \* \* \? \*\)$/.test(expression)) return hours / 24;
  throw new Error(`infra/idle-cost.ts does not know how often ${expression} is`);
}

function metrics(timers: readonly Timer[]): CostLine {
  const { price } = prices.usd.customMetric;
  const share = (bundle: string) => {
    const timer = timers.find((one) => one.bundle === bundle);
    return Math.min(1, (timer?.runsPerMonth ?? 0) / hours);
  };
  const names = Object.entries(metricsWhileIdle);
  return {
    kind: 'metrics',
    usd: names.reduce((sum, [, bundle]) => sum + price * share(bundle), 0),
    why: `${names.map(([name]) => name).join(', ')}: $${price} each, for the hours in which a timer writes them`,
  };
}

function runs(timers: readonly Timer[]): CostLine {
  const { scheduledRun, invocation, gigabyteSecond, readUnit, logGigabyte, trace, secretReads } = prices.usd;
  const usd = timers.reduce((sum, { runsPerMonth, megabytes, secrets, traced }) => {
    const each =
      scheduledRun.price +
      invocation.price +
      (runMs / 1000) * (megabytes / 1024) * gigabyteSecond.price +
      runReadUnits * readUnit.price +
      (runLogBytes / 1e9) * logGigabyte.price +
      (traced ? trace.price : 0);
    const reads = secrets * Math.min(runsPerMonth, secretReadsPerHourMax * hours);
    return sum + runsPerMonth * each + reads * secretReads.price;
  }, 0);
  const count = Math.round(timers.reduce((sum, { runsPerMonth }) => sum + runsPerMonth, 0));
  return {
    kind: 'timers',
    usd,
    why: `${timers.length} timers run ${count.toLocaleString('en-US')} times: schedules, functions, reads, logs, traces, secrets`,
  };
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(1)} million`;
}
