import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { alarmPlans } from '#infra/alarms.ts';
import { alarmsPage } from '#infra/alarms-page.ts';
import { contracts, declared, functionNames, preTokenTrigger } from '#infra/contracts.ts';
import { routeErrors } from '#infra/metrics.ts';
import { consumer } from '#shared/queue/consumer.ts';
import { everySetting, otherSettings } from './settings.ts';
import { type Resource, type Synthesized, synthesize } from './synthesize.ts';

let prod: Synthesized;
beforeAll(() => {
  prod = synthesize('prod', everySetting);
});

const runbook = docs('runbook.md');
const watched = { stage: 'prod', apiId: 'api', twilioBalanceMin: 50, userPool: true };

describe('alarms', () => {
  it('say what people lose and name an article that the runbook has', () => {
    for (const { id, properties } of alarms()) {
      const [, impact, article] =
        /^(\S.{20,}\.) What to do: docs\/runbook\.md#([a-z-]+)$/.exec(properties.AlarmDescription) ?? [];
      expect(impact, id).toBeDefined();
      expect(articles(), id).toContain(article);
    }
  });

  it('have no article in the runbook without an alarm', () => {
    const used = alarms().map(({ properties }) => properties.AlarmDescription.split('#')[1]);

    for (const article of articles()) expect(used).toContain(article);
  });

  it('are few, one a meaning, and say in their name whether somebody is woken', () => {
    const names = alarms().map(({ properties }) => properties.AlarmName);

    expect(names.length).toBeLessThanOrEqual(26);
    for (const name of names) expect(name).toMatch(/^switchboard-prod-(page|ticket)-[a-z0-9-]+$/);
    expect(names.filter((name) => name.includes('-page-')).sort()).toEqual([
      'switchboard-prod-page-calls-not-answered',
      'switchboard-prod-page-payments-refused',
      'switchboard-prod-page-sign-in-errors',
      'switchboard-prod-page-signature-refusals',
      'switchboard-prod-page-stream-behind',
    ]);
  });

  it.each([
    ['calls that nobody answers', 'page-calls-not-answered', ['CallAnswerErrors', 'FallbackUsed'], 1],
    ['refused signatures', 'page-signature-refusals', ['SignatureRefused'], 5],
    ['payments that are not taken', 'page-payments-refused', ['TipJarWebhookErrors'], 1],
    ['people who cannot sign in', 'page-sign-in-errors', ['Errors'], 1],
    ['a relay that lags', 'page-stream-behind', ['IteratorAge'], 300_000],
    ['errors of other webhooks', 'ticket-webhook-errors', ['TwilioWebhookErrors'], 1],
    ['a slow answerCall', 'ticket-answer-call-slow', ['Duration'], 3000],
    ['errors of the gateway', 'ticket-api-errors', ['5xx'], 5],
    ['throttled functions', 'ticket-throttles', ['Throttles'], 1],
    ['dead letters', 'ticket-dead-letters', ['ApproximateNumberOfMessagesVisible'], 1],
    ['failed timers', 'ticket-timers-failed', ['ApproximateNumberOfMessagesVisible'], 1],
    ['waiting messages', 'ticket-queue-age', ['ApproximateAgeOfOldestMessage'], 300],
    ['errors of Twilio', 'ticket-twilio-errors', ['TwilioErrors'], 5],
    ['a Twilio account that runs dry', 'ticket-twilio-balance', ['TwilioBalance'], 50],
    ['texts that nobody may send', 'ticket-no-sender', ['SmsSkippedNoSender'], 1],
    ['texts that are used up', 'ticket-texts-capped', ['SmsAccountCapped'], 1],
    ['a number that carriers refuse', 'ticket-sender-refused', ['SmsSenderRefused'], 1],
    ['money without a call', 'ticket-unmatched-payments', ['PaymentUnmatched'], 1],
    ['wrong figures', 'ticket-counters-repaired', ['CountersRepaired'], 1],
    [
      'events that the platform does not take',
      'ticket-events-not-delivered',
      ['EventsFailed', 'EventsLate'],
      1,
    ],
    ['drift between pool and Twilio', 'ticket-audit-drift', ['AuditDrift'], 1],
    ['a pool below its buffer', 'ticket-pool-below-buffer', ['PoolBelowBuffer'], 1],
    ['acts that are not recorded', 'ticket-audit-log-not-written', ['AuditLogNotWritten'], 1],
  ])('ring for %s', (_what, name, metrics, threshold) => {
    const alarm = alarms().find(({ properties }) => properties.AlarmName === `switchboard-prod-${name}`);
    const names = alarm && metricsOf(alarm).map(({ metricName }) => metricName);
    const topic = name.startsWith('page') ? 'operations/Pages' : 'operations/Alarms';

    expect([...new Set(names)].sort()).toEqual(metrics);
    expect(alarm?.properties).toMatchObject({
      Threshold: threshold,
      ComparisonOperator:
        name === 'ticket-twilio-balance' ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
      AlarmActions: [expect.stringContaining(topic)],
      OKActions: [expect.stringContaining(topic)],
    });
  });

  it('go to one address unless pages have their own, and to nobody without an address', () => {
    const one = synthesize('prod', { alarmEmail: otherSettings.alarmEmail });
    const none = synthesize('local');
    const actions = (of: Synthesized) => [
      ...new Set(
        of.ofType('AWS::CloudWatch::Alarm').flatMap(({ properties }) => properties.AlarmActions ?? []),
      ),
    ];

    expect(actions(one)).toHaveLength(1);
    expect(one.ofType('AWS::SNS::Subscription')).toHaveLength(1);
    expect(actions(none)).toEqual([]);
    expect(none.ofType('AWS::SNS::Topic')).toEqual([]);
    expect(prod.ofType('AWS::SNS::Subscription')).toHaveLength(2);
  });
});

describe('what alarms and dashboard name', () => {
  it('are functions, queues, metrics and an API that exist', () => {
    const functions = prod.ofType('AWS::Lambda::Function').map(({ properties }) => properties.FunctionName);
    const queues = prod.ofType('AWS::SQS::Queue').map(({ properties }) => properties.QueueName);
    const filters = prod
      .ofType('AWS::Logs::MetricFilter')
      .map(({ properties }) => properties.MetricTransformations[0]?.MetricName);
    const own = [...counted(), ...filters];

    for (const metric of [...alarms().flatMap(metricsOf), ...shown()]) {
      const { namespace, metricName, dimensions } = metric;
      if (namespace === 'DJDashSwitchboard/prod') {
        expect(own).toContain(metricName);
        expect(dimensions).toEqual(filters.includes(metricName) ? {} : { service: 'switchboard' });
      } else if (namespace === 'AWS/SQS') expect(queues).toContain(dimensions['QueueName']);
      else if (namespace === 'AWS/ApiGateway')
        expect(dimensions).toEqual({ ApiId: prod.only('AWS::ApiGatewayV2::Api').id });
      else if (namespace === 'AWS/DynamoDB') expect(dimensions).toEqual({ TableName: 'data/Table' });
      else if (metricName !== 'Throttles') expect(functions).toContain(dimensions['FunctionName']);
    }
  });

  it('fit into what AWS allows: ten metrics an alarm, a thousand characters a filter', () => {
    for (const alarm of alarms()) expect(metricsOf(alarm).length, alarm.id).toBeLessThanOrEqual(10);
    for (const { properties } of prod.ofType('AWS::Logs::MetricFilter'))
      expect(properties.FilterPattern.length).toBeLessThanOrEqual(1024);
  });
});

describe('nothing goes unwatched:', () => {
  it('every function is watched by what it answers, by its queues, or by itself', () => {
    const routes = declared(contracts.routes).map(({ id }) => id);
    const workers = [...declared(contracts.consumers), ...declared(contracts.schedules)].map(({ id }) => id);
    const alone = alarms()
      .flatMap(metricsOf)
      .filter(({ metricName }) => metricName === 'Errors')
      .map(({ dimensions }) => dimensions['FunctionName']);

    // Routes by the 5xx of the API, workers and timers by the queues of the next test.
    const others = functionNames(contracts).filter(({ id }) => ![...routes, ...workers].includes(id));
    expect(others).toEqual([preTokenTrigger]);
    expect(alone).toEqual([`switchboard-prod-${preTokenTrigger.bundle}`]);
  });

  it('every queue by the age of its messages, every dead-letter queue by whether it has any', () => {
    const names = prod.ofType('AWS::SQS::Queue').map(({ properties }) => properties.QueueName);
    const dead = names.filter((name) => name.endsWith('-dead-letters'));

    expect(watchedBy('ApproximateNumberOfMessagesVisible')).toEqual(dead.sort());
    expect(watchedBy('ApproximateAgeOfOldestMessage')).toEqual(
      names.filter((name) => !dead.includes(name)).sort(),
    );
  });

  it('every stream consumer by how far it is behind', () => {
    const streams = declared(contracts.consumers).filter(({ contract }) => contract.source === 'stream');

    expect(watchedBy('IteratorAge')).toEqual(streams.map(({ bundle }) => `switchboard-prod-${bundle}`));
  });

  it('every signed route by the errors that the access log tells', () => {
    const signed = declared(contracts.routes)
      .filter(({ contract }) => ['twilio', 'tipjar'].includes(contract.auth[0]))
      .map(({ id }) => id);
    const told = [...routeErrors(contracts).values()].flat();

    expect(told.map(({ id }) => id).sort()).toEqual(signed.sort());
    const patterns = prod.ofType('AWS::Logs::MetricFilter').map(({ properties }) => properties.FilterPattern);
    const line = JSON.parse(prod.only('AWS::ApiGatewayV2::Stage').properties.AccessLogSettings.Format);
    expect(line).toMatchObject({ status: '$context.status', route: '$context.routeKey' });
    for (const { contract } of told) {
      const key = `($.route = "${contract.method} ${contract.path}")`;
      expect(patterns.filter((pattern) => pattern.includes(key))).toHaveLength(1);
    }
  });

  it('more queues than an alarm can watch make another alarm', () => {
    const worker = () =>
      consumer({
        source: 'stream',
        summary: 'one more',
        entities: [],
        grants: [],
        timeoutSeconds: 1,
        batchSize: 1,
        retriesMax: 1,
        impact: 'Nothing is lost.',
      });
    const consumers = { ...contracts.consumers, more: { readOn: worker } };

    const plans = alarmPlans({ ...contracts, consumers }, watched);

    const letters = plans.filter(({ article }) => article === 'dead-letters');
    expect(letters.map(({ name, metrics }) => [name, metrics.length])).toEqual([
      ['dead-letters', 10],
      ['dead-letters-2', declared(consumers).length - 10],
    ]);
  });
});

describe('docs', () => {
  it('/alarms.md is what the contracts say; `npm run alarms` writes it', () => {
    expect(docs('alarms.md')).toBe(alarmsPage());
  });

  it('/runbook.md says what to do with the messages of every dead-letter queue, and of no other', () => {
    const listed = [...section('Dead letters').matchAll(/^- `([a-z-]+)`/gm)].map(([, name = '']) => name);
    const queues = prod.ofType('AWS::SQS::Queue').map(({ properties }) => properties.QueueName);
    const dead = queues.filter((name) => name.endsWith('-dead-letters'));

    expect(listed.sort()).toEqual(dead.map((name) => name.slice('switchboard-prod-'.length)).sort());
  });

  it('/runbook.md names no timer that does not exist', () => {
    const named = [...section('Timers failed').matchAll(/^- `([a-z-]+)`/gm)].map(([, name]) => name);

    expect(declared(contracts.schedules).map(({ bundle }) => bundle)).toEqual(expect.arrayContaining(named));
  });
});

it('a message among the dead letters of the timers names its timer', () => {
  for (const { properties } of prod.ofType('AWS::Scheduler::Schedule')) {
    const { timer } = JSON.parse(properties.Target.Input) as { timer: string };
    const started = prod.resources.find(({ id }) => `${id}.Arn` === properties.Target.Arn);
    expect(started?.properties.FunctionName).toBe(`switchboard-prod-${timer}`);
  }
});

interface MetricOf {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

function alarms(): Resource[] {
  return prod.ofType('AWS::CloudWatch::Alarm');
}

function metricsOf({ properties }: Resource): MetricOf[] {
  const stats = properties.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [properties];
  return stats.map(({ Namespace, MetricName, Dimensions = [] }) => ({
    namespace: Namespace,
    metricName: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  }));
}

/** What the dashboard shows. */
function shown(): MetricOf[] {
  const { DashboardBody } = prod.only('AWS::CloudWatch::Dashboard').properties;
  const { widgets } = JSON.parse(DashboardBody) as { widgets: { properties: { metrics: unknown[][] } }[] };
  return widgets.flatMap(({ properties }) =>
    properties.metrics.map(([namespace, metricName, ...rest]) => {
      const pairs = rest.filter((one) => typeof one === 'string');
      return {
        namespace: String(namespace),
        metricName: String(metricName),
        dimensions: pairs.length > 0 ? { [String(pairs[0])]: String(pairs[1]) } : {},
      };
    }),
  );
}

function watchedBy(metric: string): string[] {
  return alarms()
    .flatMap(metricsOf)
    .filter(({ metricName }) => metricName === metric)
    .map(({ dimensions }) => dimensions['QueueName'] ?? dimensions['FunctionName'] ?? '')
    .sort();
}

/** The names that functions count under. */
function counted(): string[] {
  const source = readFileSync(new URL('../../shared/metric.ts', import.meta.url), 'utf8');
  return [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, name = '']) => name);
}

/** Anchors of the articles on alarms, as GitHub makes them. */
function articles(): string[] {
  const part = runbook.slice(runbook.indexOf('\n# The alarms'));
  return [...part.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(/\s/g, '-'),
  );
}

function section(title: string): string {
  const [, text = ''] = runbook.split(`\n## ${title}\n`);
  return text.slice(0, text.indexOf('\n## '));
}

function docs(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
}
