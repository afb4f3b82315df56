import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { isDeep } from '#test/support/depth.ts';
import { type Deployed, deployed, problemsOf } from './changes.ts';
import { otherSettings } from './settings.ts';
import { synthesize } from './synthesize.ts';

// Some of these synthesize the whole app, which takes 2 s on an idle machine.
vi.setConfig({ testTimeout: 90_000 });

/** What a change is about, so that its losses are meant. Every other problem is one. */
const meant = {
  identity: {
    because: 'the people of one provider are not those of another, and the API asks one provider alone',
    problems: [
      /^data\/(UserPool|PeopleClient|MachineClient|IdentityUsers\w+) \(AWS::Cognito::\w+\) is deleted$/,
      // Until the API is deployed, a minute later, it asks for tokens that nobody can get any more.
      /^api still reads data\.PublishOutputRef(UserPool|PeopleClient|MachineClient)\w+, which is gone$/,
    ],
  },
  customDomain: {
    because: 'the domain is given back',
    problems: [/^edge\/Domain\w+ \(AWS::ApiGatewayV2::DomainName\) is deleted$/],
  },
  alarmEmail: {
    because: 'nobody is told any more: the topic and its subscription go',
    problems: [/^operations\/Alarms\w+ \(AWS::SNS::(Topic|Subscription)\) is deleted$/],
  },
  pageEmail: {
    because: 'nobody is woken any more: the topic and its subscription go',
    problems: [/^operations\/Pages\w+ \(AWS::SNS::(Topic|Subscription)\) is deleted$/],
  },
  tableStreamArn: {
    because: 'the table that was there is gone, and its stream with it',
    problems: [/^outbox still reads data\.PublishOutputFnGetAttTableStreamArn\w+, which is gone$/],
  },
  'the queue of attributions': {
    because: 'the queue goes; until its readers are deployed, they name one that is gone',
    problems: [
      /^data\/Attributions(Queue|DeadLetters) \(AWS::SQS::Queue\) is deleted$/,
      /^\w+ still reads data\.PublishOutput(Ref|FnGetAtt)Attributions\w+, which is gone$/,
    ],
  },
  'exports alone': {
    because: 'until its readers are deployed, they name outputs that are gone',
    problems: [/^\w+ still reads (data|api)\.PublishOutput\w+, which is gone$/],
  },
  'alarms in one stack': {
    because: 'they take their topic with them, and name queues by name',
    problems: [
      /^data\/Alarms\w+ \(AWS::(SNS::Topic|SNS::Subscription|KMS::Key)\) is deleted$/,
      /^\w+ still reads data\.PublishOutputRefAlarmsTopic\w+, which is gone$/,
      /^operations still reads data\.PublishOutputFnGetAtt\w+QueueName\w+, which is gone$/,
    ],
  },
  'one queue for the dead letters of all timers': {
    because: 'a dead letter of a timer only says that it failed',
    problems: [/^\w+\/\w+DeadLetters\w{8} \(AWS::SQS::Queue\) is deleted$/],
  },
  'a queue of dead letters for each timer': {
    because: 'a dead letter of a timer only says that it failed',
    problems: [
      /^data\/TimerDeadLetters \(AWS::SQS::Queue\) is deleted$/,
      /^\w+ still reads data\.PublishOutputFnGetAttTimerDeadLetters\w+, which is gone$/,
    ],
  },
  'users of tenants': {
    because:
      'a version before knows no tenants; Cognito keeps their attributes and refuses to lose them, see the runbook',
    problems: [
      /^data\/UserPool \(AWS::Cognito::UserPool\) is replaced: its Schema changes$/,
      /^data\/IdentityUsersuser\w+ \(AWS::Cognito::UserPoolGroup\) is deleted$/,
    ],
  },
  'a timer that the version before did not have': {
    because: 'it goes with its dead letters, which only say that it failed',
    problems: [/^numbers\/poolrepointnumbersDeadLetters\w+ \(AWS::SQS::Queue\) is deleted$/],
  },
  'queues that the version before did not have': {
    because: 'their messages are about texts of callers and alerts, which the version before does not know',
    problems: [
      /^data\/(ReceivedTexts|Alerts)(Queue|DeadLetters) \(AWS::SQS::Queue\) is deleted$/,
      /^\w+ still reads data\.PublishOutput(Ref|FnGetAtt)(ReceivedTexts|Alerts)Queue\w+, which is gone$/,
    ],
  },
} as const;

/** What is wrong with a change, but for what it is about. */
function unmeant(before: Deployed, after: Deployed, about: readonly (keyof typeof meant)[] = []): string[] {
  const problems = problemsOf(before, after);
  const patterns = about.flatMap((name): readonly RegExp[] => meant[name].problems);
  for (const pattern of patterns)
    expect(problems, `${pattern} is meant to happen`).toContainEqual(expect.stringMatching(pattern));
  return problems.filter((problem) => !patterns.some((pattern) => pattern.test(problem)));
}

const { identity, ...others } = otherSettings;

let base: Deployed;
let withOthers: Deployed;
beforeAll(() => {
  base = deployed(synthesize('dev'));
  withOthers = deployed(synthesize('dev', others));
});

describe('a stage that is live takes and gives back', () => {
  it('an identity provider of its own', () => {
    const own = deployed(synthesize('dev', { identity }));

    expect(unmeant(base, own, ['identity'])).toEqual([]);
    expect(unmeant(own, base)).toEqual([]);
  });

  it('all other settings at once', () => {
    expect(unmeant(base, withOthers, ['tableStreamArn'])).toEqual([]);
    expect(unmeant(withOthers, base, ['customDomain', 'alarmEmail', 'pageEmail'])).toEqual([]);
  });

  it('an identity provider in the place of all other settings', () => {
    const own = deployed(synthesize('dev', { identity }));

    expect(unmeant(withOthers, own, ['identity', 'customDomain', 'alarmEmail', 'pageEmail'])).toEqual([]);
    expect(unmeant(own, withOthers, ['tableStreamArn'])).toEqual([]);
  });

  it('a queue and its worker', () => {
    const less = deployed(synthesize('dev', {}, { without: 'attributions' }));

    expect(unmeant(base, less, ['the queue of attributions'])).toEqual([]);
    expect(unmeant(less, base)).toEqual([]);
  });

  const alone = Object.entries(others).filter(
    ([name]) => isDeep || name === 'customDomain' || name === 'reservedConcurrency',
  );
  it.each(alone)('%s alone', (name, value) => {
    const changed = deployed(synthesize('dev', { [name]: value }));

    const on = name === 'tableStreamArn';
    const meantBy = name in meant ? [name as keyof typeof meant] : [];
    expect(unmeant(base, changed, on ? meantBy : [])).toEqual([]);
    expect(unmeant(changed, base, on ? [] : meantBy)).toEqual([]);
  });
});

describe('a stage that was deployed with exports', () => {
  // What a deployment of it asks for: outputs, exports and imports, what lasts, the names of functions. Routes, alarms and
  // log groups are left out: the ids of routes and alarms changed once, before any stage was live.
  const recorded = (name: string) =>
    JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Deployed;
  const strong = recorded('strong-references');
  // Commit 12ea910, with `both`: the last release whose stacks have all outputs that those of `strong` import.
  const both = recorded('both-references');
  const exportsOf = (stage: Deployed) => Object.values(stage).flatMap(({ exports }) => Object.keys(exports));

  /** Deleted by hand: their routes are those of stacks with other names. */
  const without = (stage: Deployed, stacks: readonly string[]): Deployed =>
    Object.fromEntries(Object.entries(stage).filter(([name]) => !stacks.includes(name)));

  it('gets to references without exports by way of a release that has both', () => {
    expect(exportsOf(both)).toEqual(
      expect.arrayContaining(Object.values(strong).flatMap(({ imports }) => imports)),
    );
    expect(unmeant(strong, both)).toEqual([]);
    expect(
      unmeant(without(both, ['acts', 'events']), withOthers, [
        'alarms in one stack',
        'one queue for the dead letters of all timers',
        'tableStreamArn',
      ]),
    ).toEqual([]);
  });

  it('gets back the same way', () => {
    const now = without(withOthers, ['audit-log', 'platform-events']);
    expect(
      unmeant(now, both, [
        'alarmEmail',
        'pageEmail',
        'a queue of dead letters for each timer',
        'users of tenants',
        'queues that the version before did not have',
      ]),
    ).toEqual([]);
    expect(unmeant(both, strong, ['exports alone', 'a timer that the version before did not have'])).toEqual(
      [],
    );
  });

  it('is refused to drop them at once: they are in use', () => {
    expect(problemsOf(strong, withOthers)).toContainEqual(
      expect.stringMatching(/^data takes the export \S+ away, which is in use$/),
    );
  });

  it('has none in the end', () => {
    expect(exportsOf(withOthers)).toEqual([]);
    expect(Object.values(withOthers).flatMap(({ imports }) => imports)).toEqual([]);
  });
});

describe('a deployment fails, or loses something, when', () => {
  const stack = {
    resources: {
      Table: { type: 'AWS::DynamoDB::GlobalTable', name: 'calls', fixed: { TableName: 'calls' } },
    },
    outputs: { Arn: 'Table' },
    exports: {},
    reads: [],
    imports: [],
  };
  const reader = { ...stack, resources: {}, outputs: {}, reads: ['data.Arn'] };
  const before: Deployed = { data: stack, calls: reader };

  it.each<[string, Deployed, RegExp]>([
    ['a table goes', { data: { ...stack, resources: {} } }, /data\/Table .* is deleted/],
    [
      'a table gets another name',
      {
        data: { ...stack, resources: { Table: { ...stack.resources.Table, fixed: { TableName: 'other' } } } },
      },
      /data\/Table .* is replaced: its TableName changes/,
    ],
    [
      'a table gets another logical id',
      { data: { ...stack, resources: { Other: stack.resources.Table } } },
      /GlobalTable calls moves from data\/Table to data\/Other/,
    ],
    [
      'a table becomes something else',
      { data: { ...stack, resources: { Table: { ...stack.resources.Table, type: 'AWS::S3::Bucket' } } } },
      /is replaced: it becomes AWS::S3::Bucket/,
    ],
    ['an output goes that is read', { data: { ...stack, outputs: {} } }, /calls still reads data\.Arn/],
    [
      'a stack reads what is not there',
      { calls: { ...reader, reads: ['data.Name'] } },
      /calls reads data\.Name/,
    ],
    [
      'a stack comes before the one that it reads',
      { web: { ...reader, reads: ['late.Arn'] }, late: stack },
      /web reads late\.Arn/,
    ],
    ['a stack imports what nobody exports', { calls: { ...reader, imports: ['any'] } }, /calls imports any/],
  ])('%s', (_what, after, problem) => {
    expect(problemsOf(before, before)).toEqual([]);
    expect(problemsOf(before, after)).toContainEqual(expect.stringMatching(problem));
  });
});
