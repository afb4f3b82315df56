import { existsSync, globSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { alarmPlans } from '#infra/alarms.ts';
import { contracts } from '#infra/contracts.ts';
import { everySetting } from './settings.ts';
import { type Synthesized, synthesize } from './synthesize.ts';

let prod: Synthesized;
beforeAll(() => {
  prod = synthesize('prod', everySetting);
});

const plans = alarmPlans(contracts, { stage: 'prod', apiId: 'api', twilioBalanceMin: 50, userPool: true });
const stageNames = /switchboard-(?:\$STAGE|dev|STAGE|prod|<stage>)-([a-z0-9-]*[a-z0-9])/g;

const guides = globSync('docs/guides/*.md', { cwd: new URL('../../', import.meta.url).pathname });

describe.each(['docs/runbook.md', 'docs/first-deploy.md', 'README.md', ...guides])('%s', (path) => {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);

  it('names only functions, queues, alarms and stacks that exist', () => {
    // The user pool is named by its template alone; a copy of the table by the moment of a restore.
    const others = ['users', 'at-20261120'];
    // Names of alarms begin with their severity.
    const beginnings = ['page', 'ticket'];

    const known = [...names(), ...Object.keys(prod.templates), ...others, ...beginnings];

    expect(found(stageNames).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('reads the logs of functions that exist', () => {
    // The service of that name in the AWS CLI has commands of its own.
    const logged = found(/(?<!aws )\blogs ([a-z]+(?:-[a-z]+)+)/g);

    const functions = prod.ofType('AWS::Lambda::Function').map(({ properties }) => properties.FunctionName);

    expect(logged.filter((name) => !functions.includes(`switchboard-prod-${name}`))).toEqual([]);
  });

  it('reads outputs that stacks have', () => {
    const outputs = [...text.matchAll(/\$\(output (\w+) (\w+)\)/g)];

    for (const [, stack = '', output = ''] of outputs)
      expect(Object.keys(prod.templates[stack]?.Outputs ?? {}), stack).toContain(output);
  });

  it('mentions alarms by the names that they have', () => {
    const mentioned = [...text.matchAll(/\balarms? (`[a-z-]+`(?:(?:,| and) `[a-z-]+`)*)/g)].flatMap(
      ([, list = '']) => [...list.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name),
    );

    for (const name of mentioned) expect(plans.map((plan) => plan.name)).toContain(name);
  });
});

describe.each([
  ...guides,
  'README.md',
  'docs/data-model.md',
  'docs/recipes.md',
  'docs/runbook.md',
  'docs/testing.md',
])('%s', (path) => {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

  it('mentions only files and folders that exist', () => {
    // The file that the recipe of an endpoint adds.
    const added = ['functions/callers/list-platform-blocks.ts'];
    const mentioned = [...text.matchAll(/(?<![\w./<-])(?:shared|functions|infra|test|docs)\/[\w./-]*\w/g)]
      .map(([name]) => name)
      .filter((name) => !added.includes(name));

    expect(mentioned.filter((name) => !existsSync(new URL(`../../${name}`, import.meta.url)))).toEqual([]);
  });
});

describe('docs/runbook.md', () => {
  it('quotes titles that the dashboard has', () => {
    const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
    const { widgets } = JSON.parse(prod.only('AWS::CloudWatch::Dashboard').properties.DashboardBody) as {
      widgets: { properties: { title: string } }[];
    };

    const quoted = [...text.matchAll(/dashboard(?:'s|,) "([^"]+)"/g)].map(([, title = '']) => title);

    expect(quoted.length).toBeGreaterThan(0);
    for (const title of quoted)
      expect(
        widgets.some(({ properties }) => properties.title.startsWith(title)),
        title,
      ).toBe(true);
  });
});

/** Names of the stage's resources, without what all of them begin with. */
function names(): string[] {
  return prod.resources
    .flatMap(
      ({ properties: { FunctionName, QueueName, AlarmName } }) =>
        FunctionName ?? QueueName ?? AlarmName ?? [],
    )
    .filter((name) => typeof name === 'string')
    .map((name) => name.slice('switchboard-prod-'.length));
}
