import { beforeAll, describe, expect, it } from 'vitest';
import { contracts, declared } from '#infra/contracts.ts';
import * as queues from '#shared/queues.ts';
import { type Partition, partitions } from '#shared/table/keys.ts';
import { allowed, type Statement, type Synthesized, synthesize } from './synthesize.ts';

const table = ['data/Table.Arn', 'data/Table.Arn/index/gsi1', 'data/Table.Arn/index/gsi2'];
const reading = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const writing = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
];
const appending = ['dynamodb:PutItem'];

let dev: Synthesized;
beforeAll(() => {
  dev = synthesize('dev');
});

/** What a function may do besides writing its own log and traces. */
function granted(functionId: string): Statement[] {
  return dev.statements(functionId).filter(({ actions }) => !/^(logs|xray):/.test(actions[0] ?? ''));
}

/** Every queue as its logical id begins. */
const queueTitles = Object.keys(queues).map((name) => name.charAt(0).toUpperCase() + name.slice(1));

describe("a function's role", () => {
  it('lets every function write its own log and its traces', () => {
    const base = dev.statements('health.checkHealth');

    const { LogGroup } = dev.lambda('health.checkHealth').properties.LoggingConfig;
    expect(base).toEqual([
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${LogGroup}.Arn`] },
      { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] },
    ]);
  });

  it('lets answerCall read numbers, who holds them and who calls, count and write calls, and read the Twilio secret', () => {
    expect(granted('calls.answerCall')).toEqual([
      { actions: reading, resources: table, leadingKeys: ['NUMBER#*', 'DJ#*', 'CALLER#*'] },
      { actions: writing, resources: ['data/Table.Arn'], leadingKeys: ['CALLCOUNTS#*', 'USAGE#*', 'CALL#*'] },
      { actions: ['secretsmanager:GetSecretValue'], resources: ['data/TwilioSecret'] },
    ]);
  });

  it('lets the fallback, which must work with the table down, read the Twilio secret only', () => {
    expect(granted('calls.answerFallback')).toEqual([
      { actions: ['secretsmanager:GetSecretValue'], resources: ['data/TwilioSecret'] },
    ]);
  });

  it('lets the SMS worker read three secrets and drain its own queue', () => {
    const [, , secrets, drain, ...more] = granted('messages.sendFollowUp');

    expect(secrets).toEqual({
      actions: ['secretsmanager:GetSecretValue'],
      resources: ['data/TwilioSecret', 'data/TipJarApiSecret', 'data/KeysSecret'],
    });
    expect(drain).toEqual({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: ['data/FollowUpsQueue.Arn'],
    });
    expect(more).toEqual([]);
  });

  it("lets the relay read the table's stream and send, but touch no item", () => {
    const statements = granted('outbox.relayChanges');

    expect(statements.map(({ actions, resources }) => [actions[0], resources])).toEqual([
      ['sqs:SendMessage', queueTitles.map((name) => `data/${name}Queue.Arn`)],
      ['dynamodb:DescribeStream', ['data/Table.StreamArn']],
      ['sqs:SendMessage', [expect.stringMatching(/^outbox\/.*DeadLetters.*\.Arn$/)]],
    ]);
  });

  it.each([
    ...declared(contracts.routes),
    ...declared(contracts.consumers),
    ...declared(contracts.schedules),
  ])('of $id is bound to the partitions, secrets and queues of its contract', ({ id, contract }) => {
    const names: readonly string[] = contract.grants;
    const statements = granted(id);
    const keysOf = (actions: string[]) =>
      statements
        .filter((statement) => statement.actions.join() === actions.join())
        .flatMap(({ leadingKeys = [] }) => leadingKeys);
    const prefixes = (mode: string) =>
      names
        .filter((name) => name.endsWith(mode))
        .map((name) => `${partitions[name.slice(0, -mode.length) as Partition]}*`);
    const has = (action: string, resource: string) =>
      statements.some(({ actions, resources }) => actions.includes(action) && resources.includes(resource));

    expect(keysOf(reading)).toEqual(prefixes(':read'));
    expect(keysOf(writing)).toEqual(prefixes(':write'));
    expect(keysOf(appending)).toEqual(prefixes(':append'));
    for (const [mode, action] of [
      ['read', 's3:GetObject'],
      ['write', 's3:PutObject'],
      ['delete', 's3:DeleteObject'],
    ] as const)
      for (const folder of ['recordings', 'exports'])
        expect(has(action, `data/FilesBucket.Arn/${folder}/*`)).toBe(
          names.includes(`files:${mode}-${folder}`),
        );
    const usesSecret = (word: string) => names.some((name) => name.startsWith(word));
    expect(has('secretsmanager:GetSecretValue', 'data/TwilioSecret')).toBe(usesSecret('twilio:'));
    expect(has('secretsmanager:GetSecretValue', 'data/TipJarSecret')).toBe(
      names.includes('tipjar:signature'),
    );
    expect(has('secretsmanager:GetSecretValue', 'data/TipJarApiSecret')).toBe(
      names.includes('tipjar:sessions'),
    );
    expect(has('secretsmanager:GetSecretValue', 'data/CursorsSecret')).toBe(names.includes('cursors:key'));
    expect(has('secretsmanager:GetSecretValue', 'data/KeysSecret')).toBe(names.includes('consent:key'));
    expect(has('secretsmanager:GetSecretValue', 'data/PlatformSecret')).toBe(usesSecret('platform:'));
    for (const name of queueTitles) {
      const queue = `queue:${name[0]?.toLowerCase()}${name.slice(1)}`;
      expect(has('sqs:SendMessage', `data/${name}Queue.Arn`)).toBe(names.includes(queue));
    }
  });

  it('is its own, and names all that it allows inline', () => {
    const roles = dev.ofType('AWS::Lambda::Function').map(({ properties }) => properties.Role);

    expect(new Set(roles).size).toBe(roles.length);
    expect(dev.ofType('AWS::IAM::Policy')).toEqual([]);
    expect(dev.ofType('AWS::IAM::ManagedPolicy')).toEqual([]);
    for (const { properties } of dev.ofType('AWS::IAM::Role'))
      expect(properties.ManagedPolicyArns).toBeUndefined();
  });

  it('lets nobody change or remove an act of an admin or a line of the ledger', () => {
    for (const { actions, leadingKeys = [] } of dev.ofType('AWS::IAM::Role').flatMap(allowed)) {
      if (!leadingKeys.some((prefix) => prefix === 'ACTS#*' || prefix === 'LEDGER#*')) continue;
      expect([reading, appending]).toContainEqual(actions);
    }
  });

  it('never allows a Scan, nor an item action without a bound on its keys', () => {
    for (const { actions, leadingKeys } of dev.ofType('AWS::IAM::Role').flatMap(allowed)) {
      expect(actions).not.toContain('dynamodb:Scan');
      const items = actions.some((action) => [...reading, ...writing].includes(action));
      expect(leadingKeys !== undefined && leadingKeys.length > 0).toBe(items);
    }
  });
});

describe('wildcards', () => {
  it('stand nowhere in what roles allow, but for X-Ray, which has no resources to name, and the files of a folder', () => {
    const wild = dev
      .ofType('AWS::IAM::Role')
      .flatMap(allowed)
      .filter(({ actions, resources }) => [...actions, ...resources].some((text) => text.includes('*')))
      .filter(({ resources }) => !resources.every((text) => /FilesBucket\.Arn\/[a-z]+\/\*$/.test(text)));

    for (const { actions, resources } of wild) {
      expect(actions).toEqual(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']);
      expect(resources).toEqual(['*']);
    }
    // Timers are not traced.
    expect(wild.length).toBe(
      dev.ofType('AWS::Lambda::Function').length - dev.ofType('AWS::Scheduler::Schedule').length,
    );
  });
});
