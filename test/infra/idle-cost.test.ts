import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { contracts, declared } from '#infra/contracts.ts';
import { idleCost, metricsWhileIdle, type PricedTemplate, runsPerMonth, totalUsd } from '#infra/idle-cost.ts';
import prices from '#infra/prices.json' with { type: 'json' };
import { everySetting } from './settings.ts';
import { synthesize } from './synthesize.ts';

describe('an idle stage', () => {
  it('costs at most $11 a month, with every setting on', () => {
    const lines = idleCost(synthesize('prod', everySetting).templates, 'prod');

    expect(totalUsd(lines)).toBeLessThanOrEqual(11);
    expect(Object.fromEntries(lines.map(({ kind, usd }) => [kind, Number(usd.toFixed(2))]))).toMatchObject({
      dashboards: 0,
      secrets: 2.4,
      keys: 0,
    });
  });

  it('pays for each metric that an alarm watches, and for composite alarms', () => {
    const metric = { MetricStat: {} };
    const [alarms] = idleCost(
      stackOf(
        { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'Errors' } },
        { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [{ Expression: 'x' }, metric, metric] } },
        { Type: 'AWS::CloudWatch::CompositeAlarm' },
      ),
      'prod',
    );

    expect(alarms?.usd).toBeCloseTo(0.3 + 0.5);
  });

  it('pays for a dashboard of more than 50 metrics, and for the fourth', () => {
    const dashboard = (metrics: number) => ({
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardBody: {
          'Fn::Join': [
            '',
            [
              JSON.stringify({
                widgets: [{ properties: { metrics: Array.from({ length: metrics }, () => ['x']) } }],
              }),
            ],
          ],
        },
      },
    });
    const cost = (...sizes: number[]) =>
      idleCost(stackOf(...sizes.map(dashboard)), 'prod').find(({ kind }) => kind === 'dashboards')?.usd;

    expect([cost(50), cost(51), cost(1, 1, 1, 1)]).toEqual([0, 3, 3]);
  });

  it('pays for the questions to queues, not for reading a stream', () => {
    const mapping = (Properties: object) => ({ Type: 'AWS::Lambda::EventSourceMapping', Properties });
    const lines = idleCost(stackOf(mapping({}), mapping({ StartingPosition: 'TRIM_HORIZON' })), 'prod');

    // 5 pollers, 3 times a minute, 730 hours, $0.40 a million.
    expect(lines.find(({ kind }) => kind === 'polling')?.usd).toBeCloseTo(5 * 3 * 60 * 730 * 0.4e-6);
  });

  it('cannot be priced with a resource that nobody has thought of', () => {
    expect(() => idleCost(stackOf({ Type: 'AWS::EC2::NatGateway' }), 'prod')).toThrow('AWS::EC2::NatGateway');
  });

  it.each([
    ['rate(1 minute)', 43_800],
    ['rate(15 minutes)', 2920],
    ['rate(1 hour)', 730],
    ['cron(15 9 * * ? *)', 730 / 24],
  ])('runs %s that often a month', (expression, times) => {
    expect(runsPerMonth(expression)).toBeCloseTo(times);
  });

  it('knows every metric that a timer always writes', () => {
    const written = declared(contracts.schedules).flatMap(({ file, bundle }) => {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      // What follows a condition in its line is written when something happened.
      return [...source.matchAll(/^\s*count\('(\w+)'/gm)].map(([, name]) => [name, bundle]);
    });

    expect(Object.fromEntries(written)).toEqual(metricsWhileIdle);
  });

  it('is priced by a table that says when and where its prices were published', () => {
    expect(prices.asOf).toMatch(/^\d{4}-\d\d$/);
    for (const { source } of Object.values(prices.usd))
      expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//);
  });
});

test.each([
  ['that cdk.json does not have', 'nowhere', 'cdk.json has no stage "nowhere"; it has dev, prod, local\n'],
  ['whose settings are placeholders', 'prod', 'put your own into cdk.json, under context.stages.prod\n'],
])('the command says what is wrong with a stage %s, and nothing else', async (_what, stage, sentence) => {
  const script = fileURLToPath(new URL('../../infra/cost.ts', import.meta.url));

  const refused = promisify(execFile)(process.execPath, [script, stage]);

  await expect(refused).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(sentence),
  });
  await expect(refused).rejects.not.toMatchObject({ stderr: expect.stringMatching(/^ +at .*\.ts/m) });
});

function stackOf(...resources: { Type: string; Properties?: unknown }[]): Record<string, PricedTemplate> {
  return {
    one: { Resources: Object.fromEntries(resources.map((resource, index) => [`R${index}`, resource])) },
  };
}
