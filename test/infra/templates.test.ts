import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { contracts, declared, functionNames } from '#infra/contracts.ts';
import { type QueueName, queueVariable } from '#shared/queue-name.ts';
import * as queues from '#shared/queues.ts';
import { otherSettings } from './settings.ts';
import { type Synthesized, synthesize } from './synthesize.ts';

/** The routes that were deployed, by `npm run record-routes`. */
const recordFile = new URL('fixtures/route-ids.json', import.meta.url);
const routeIds = JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, string>;
const records = process.env['RECORD_ROUTES'] !== undefined;

let prod: Synthesized;
beforeAll(() => {
  prod = synthesize('prod', { alarmEmail: otherSettings.alarmEmail });
});

describe('routes', () => {
  it('are exactly those of the contracts', () => {
    const keys = prod.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey);

    const contractKeys = declared(contracts.routes).map(
      ({ contract }) => `${contract.method} ${contract.path}`,
    );
    expect(keys.sort()).toEqual(contractKeys.sort());
  });

  it.each(declared(contracts.routes).map((route) => [route.id, route.contract] as const))(
    '%s has one function of its own, and the token check or a named reason for none',
    (id, { method, path, auth }) => {
      const [route, ...others] = prod
        .ofType('AWS::ApiGatewayV2::Route')
        .filter(({ properties }) => properties.RouteKey === `${method} ${path}`);
      const integration = prod.resources.find(({ id }) => `integrations/${id}` === route?.properties.Target);
      const lambda = prod.lambda(id);
      const invocations = prod
        .ofType('AWS::Lambda::Permission')
        .filter(({ properties }) => properties.FunctionName === `${lambda.id}.Arn`);
      const authorizer = prod.only('AWS::ApiGatewayV2::Authorizer');

      expect(others).toEqual([]);
      expect(route?.properties.OperationName).toBe(id);
      expect(integration?.properties).toMatchObject({
        IntegrationUri: `${lambda.id}.Arn`,
        PayloadFormatVersion: '2.0',
      });
      expect(invocations).toHaveLength(1);
      expect(invocations[0]?.properties.SourceArn).toContain(
        `/*/${method}${path.replaceAll(/\{\w+\}/g, '*')}`,
      );
      if (auth[0] === 'twilio' || auth[0] === 'tipjar' || auth[0] === 'public') {
        expect(route?.properties.AuthorizationType).toBe('NONE');
        expect(route?.metadata['NoAuthorizer']).toMatch(/\w+ \w+ \w+/);
      } else {
        expect(route?.properties).toMatchObject({ AuthorizationType: 'JWT', AuthorizerId: authorizer.id });
        expect(route?.metadata['NoAuthorizer']).toBeUndefined();
      }
    },
  );

  it('that are public have a tighter limit than the others', () => {
    const stage = prod.only('AWS::ApiGatewayV2::Stage');

    const { DefaultRouteSettings, RouteSettings } = stage.properties;
    const publicRoutes = declared(contracts.routes).filter(({ contract }) => contract.auth[0] === 'public');
    expect(Object.keys(RouteSettings).sort()).toEqual(
      publicRoutes.map(({ contract }) => `${contract.method} ${contract.path}`).sort(),
    );
    for (const settings of Object.values(RouteSettings)) {
      expect(settings.ThrottlingRateLimit).toBeLessThan(DefaultRouteSettings.ThrottlingRateLimit);
    }
  });

  it('keep their stacks and logical ids: API Gateway refuses a route that it has already under another', () => {
    const ids = prod
      .ofType('AWS::ApiGatewayV2::Route')
      .map(({ id, properties }) => [properties.RouteKey, id]);

    const present: Record<string, string> = Object.fromEntries(ids);
    const recorded = Object.entries(routeIds).filter(([route]) => !records || route in present);
    // A new route may have any id; a recorded one that changes can't be deployed.
    for (const [route, id] of recorded) expect(present[route], route).toBe(id);
    expect(new Set(Object.values(present)).size).toBe(ids.length);
    if (records) {
      const all = Object.entries(present).toSorted(([a], [b]) => (a < b ? -1 : 1));
      writeFileSync(recordFile, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
    }
  });

  it('belong to an API and an authorizer whose logical ids stay: another API would have another URL', () => {
    expect(prod.only('AWS::ApiGatewayV2::Api').id).toBe('api/ApiF70053CD');
    expect(prod.only('AWS::ApiGatewayV2::Authorizer').id).toBe('api/Tokens1180AAEA');
  });

  it('are logged by name, never by path or query, where ids and numbers may stand', () => {
    const stage = prod.only('AWS::ApiGatewayV2::Stage');

    expect(stage.properties.AccessLogSettings.Format).toContain('$context.routeKey');
    expect(stage.properties.AccessLogSettings.Format).not.toMatch(
      /\$context\.(path|queryString|requestOverride)/,
    );
  });
});

describe('functions', () => {
  it('are one Lambda per contract, plus the trigger of the user pool', () => {
    const names = prod.ofType('AWS::Lambda::Function').map(({ properties }) => properties.FunctionName);

    expect(names.sort()).toEqual(
      functionNames(contracts)
        .map(({ bundle }) => `switchboard-prod-${bundle}`)
        .sort(),
    );
  });

  it('run on Node 24 on arm64, are traced but for timers, and keep their logs 30 days in a group of their own', () => {
    const timers = prod.ofType('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target.Arn);
    for (const { id, properties } of prod.ofType('AWS::Lambda::Function')) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
      expect(properties.TracingConfig?.Mode, id).toBe(timers.includes(`${id}.Arn`) ? undefined : 'Active');
      const group = prod.resources.find(({ id }) => id === properties.LoggingConfig.LogGroup);
      expect(group?.properties.LogGroupName).toBe(`/aws/lambda/${properties.FunctionName}`);
    }
    for (const { properties } of prod.ofType('AWS::Logs::LogGroup'))
      expect(properties.RetentionInDays).toBe(30);
  });

  it('keep no places to themselves unless the stage asks for it: new accounts refuse that', () => {
    for (const { properties } of prod.ofType('AWS::Lambda::Function'))
      expect(properties.ReservedConcurrentExecutions, properties.FunctionName).toBeUndefined();
  });

  it('have the settings and secrets of their grants and no more', () => {
    const always = [
      'NODE_OPTIONS',
      'POWERTOOLS_LOG_LEVEL',
      'POWERTOOLS_METRICS_NAMESPACE',
      'POWERTOOLS_SERVICE_NAME',
      'STAGE',
    ];
    const variables = (id: string) => Object.keys(prod.lambda(id).properties.Environment.Variables).sort();

    expect(variables('health.checkHealth')).toEqual([...always, 'PUBLIC_BASE_URL'].sort());
    expect(variables('calls.answerFallback')).toEqual(
      [...always, 'PUBLIC_BASE_URL', 'FORMER_BASE_URLS', 'TWILIO_SECRET_ID'].sort(),
    );
    expect(variables('analytics.getAnalytics')).toEqual(
      [
        ...always,
        'PUBLIC_BASE_URL',
        'IDENTITY_ROLES_CLAIM',
        'IDENTITY_SCOPES_CLAIM',
        'IDENTITY_DJ_CLAIM',
        'IDENTITY_SERVICE_SCOPE',
        'TABLE_NAME',
      ].sort(),
    );
    expect(variables('messages.sendFollowUp')).toEqual(
      [
        ...always,
        'PUBLIC_BASE_URL',
        'TABLE_NAME',
        'KEYS_SECRET_ID',
        'TIPJAR_API_SECRET_ID',
        'TIPJAR_BASE_URL',
        'TIPJAR_PAY_ORIGINS',
        'TWILIO_SECRET_ID',
        'TWILIO_TIMEOUT_MS',
        'TWILIO_API_URL',
        'TWILIO_MESSAGING_URL',
        'MESSAGING_SERVICE_SID',
        'PLATFORM_SENDER',
        'TEXTS_POLICY',
        'FOLLOW_UP_POLICY',
      ].sort(),
    );
    expect(variables('outbox.relayChanges')).toEqual(
      [...always, ...(Object.keys(queues) as QueueName[]).map(queueVariable)].sort(),
    );
    expect(variables('privacy.forgetCallers')).toEqual(
      [
        ...always,
        'TABLE_NAME',
        'KEYS_SECRET_ID',
        'RETENTION_POLICY',
        'FILES_BUCKET',
        'TWILIO_SECRET_ID',
        'TWILIO_TIMEOUT_MS',
        'TWILIO_API_URL',
      ].sort(),
    );
    expect(variables('identity.addDjClaim')).toEqual(always);
  });

  it('carry no secret in their environment: only the ARNs of secrets', () => {
    const secrets = prod.ofType('AWS::SecretsManager::Secret').map(({ id }) => id);
    for (const { properties } of prod.ofType('AWS::Lambda::Function')) {
      for (const [name, value] of Object.entries(properties.Environment.Variables)) {
        if (/SECRET|TOKEN|KEY/.test(name)) expect(secrets, name).toContain(value);
      }
    }
  });
});

describe('every asynchronous hop ends in a dead-letter queue', () => {
  const isDeadLetterQueue = (arn: string) =>
    prod
      .ofType('AWS::SQS::Queue')
      .some(({ id, properties }) => arn === `${id}.Arn` && properties.QueueName.endsWith('dead-letters'));

  it('queue to worker', () => {
    const work = prod
      .ofType('AWS::SQS::Queue')
      .filter(({ properties }) => !properties.QueueName.endsWith('dead-letters'));

    expect(work).toHaveLength(Object.keys(queues).length);
    for (const { properties } of work) {
      expect(isDeadLetterQueue(properties.RedrivePolicy.deadLetterTargetArn)).toBe(true);
    }
  });

  it('stream to relay', () => {
    const streams = prod
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ properties }) => properties.EventSourceArn.endsWith('StreamArn'));

    expect(streams).toHaveLength(1);
    for (const { properties } of streams) {
      expect(isDeadLetterQueue(properties.DestinationConfig.OnFailure.Destination)).toBe(true);
      expect(properties.BisectBatchOnFunctionError).toBe(true);
      expect(properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    }
  });

  it('schedule to function, and the function itself', () => {
    const schedules = prod.ofType('AWS::Scheduler::Schedule');

    expect(schedules).toHaveLength(declared(contracts.schedules).length);
    for (const { properties } of schedules) {
      const lambda = prod.resources.find(({ id }) => `${id}.Arn` === properties.Target.Arn);
      expect(isDeadLetterQueue(properties.Target.DeadLetterConfig.Arn)).toBe(true);
      expect(isDeadLetterQueue(lambda?.properties.DeadLetterConfig.TargetArn ?? 'none')).toBe(true);
    }
  });

  it('and dead letters are kept 14 days', () => {
    const dead = prod
      .ofType('AWS::SQS::Queue')
      .filter(({ properties }) => properties.QueueName.endsWith('dead-letters'));

    for (const { properties } of dead) expect(properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });
});

describe('queue workers', () => {
  it.each(declared(contracts.consumers).filter(({ contract }) => contract.source === 'queue'))(
    '$id gets its queue for six timeouts, retries single messages and gives up when its contract says',
    ({ id, contract }) => {
      const lambda = prod.lambda(id);
      const source = prod
        .ofType('AWS::Lambda::EventSourceMapping')
        .find(({ properties }) => properties.FunctionName === lambda.id);
      const queue = prod.resources.find(({ id }) => `${id}.Arn` === source?.properties.EventSourceArn);

      if (contract.source !== 'queue') throw new Error('not a queue');
      expect(source?.properties).toMatchObject({
        BatchSize: contract.batchSize,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
      expect(queue?.properties.VisibilityTimeout).toBe(6 * lambda.properties.Timeout);
      expect(queue?.properties.RedrivePolicy.maxReceiveCount).toBe(contract.receivesMax);
    },
  );
});

it('no queue takes more functions than its contract says, or 10, so that callers are answered meanwhile', () => {
  const sources = prod
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => !properties.EventSourceArn.endsWith('StreamArn'));

  const expected = declared(contracts.consumers).flatMap(({ id, contract }) =>
    contract.source === 'queue' ? [[prod.lambda(id).id, contract.concurrencyMax ?? 10]] : [],
  );
  expect(
    Object.fromEntries(
      sources.map(({ properties }) => [
        properties.FunctionName,
        properties.ScalingConfig?.MaximumConcurrency,
      ]),
    ),
  ).toEqual(Object.fromEntries(expected));
});

describe('what holds data', () => {
  it('keeps its logical ids: a changed one would replace it and lose what is in it', () => {
    const stateful = [
      'AWS::DynamoDB::GlobalTable',
      'AWS::S3::Bucket',
      'AWS::SecretsManager::Secret',
      'AWS::Cognito::UserPool',
      'AWS::Cognito::UserPoolClient',
    ];
    const ids = prod.resources
      .filter(
        ({ type, stack }) => stateful.includes(type) || (type === 'AWS::SQS::Queue' && stack === 'data'),
      )
      .map(({ id, type }) => `${id} ${type}`);

    const ofQueues = Object.keys(queues).flatMap((name) => {
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      return [`data/${title}DeadLetters AWS::SQS::Queue`, `data/${title}Queue AWS::SQS::Queue`];
    });
    const others = [
      'data/CursorsSecret AWS::SecretsManager::Secret',
      'data/FilesBucket AWS::S3::Bucket',
      'data/KeysSecret AWS::SecretsManager::Secret',
      'data/MachineClient AWS::Cognito::UserPoolClient',
      'data/PeopleClient AWS::Cognito::UserPoolClient',
      'data/PlatformSecret AWS::SecretsManager::Secret',
      'data/Table AWS::DynamoDB::GlobalTable',
      'data/TimerDeadLetters AWS::SQS::Queue',
      'data/TipJarApiSecret AWS::SecretsManager::Secret',
      'data/TipJarSecret AWS::SecretsManager::Secret',
      'data/TwilioSecret AWS::SecretsManager::Secret',
      'data/UserPool AWS::Cognito::UserPool',
    ];
    expect(ids.toSorted()).toEqual([...ofQueues, ...others].toSorted());
  });

  it('survives the deletion of its stack in prod', () => {
    const stateful = prod.resources.filter(({ type }) =>
      [
        'AWS::DynamoDB::GlobalTable',
        'AWS::S3::Bucket',
        'AWS::SecretsManager::Secret',
        'AWS::Cognito::UserPool',
      ].includes(type),
    );

    expect(stateful).toHaveLength(9);
    for (const { id, deletionPolicy, updateReplacePolicy } of stateful) {
      // What a first deployment that fails has made is deleted with it: the next one needs the names.
      expect(deletionPolicy, id).toBe('RetainExceptOnCreate');
      expect(updateReplacePolicy, id).toBe('Retain');
    }
  });

  it("is in a stack that can't be deleted by mistake in prod, and so is the API, whose URL numbers point to", () => {
    const kept = Object.entries(prod.templates).filter(
      ([, { terminationProtection }]) => terminationProtection,
    );

    expect(kept.map(([name]) => name)).toEqual(['data', 'api']);
  });

  it('comes last in its stack where it is protected: a first deployment that fails could not delete it', () => {
    const table = prod.only('AWS::DynamoDB::GlobalTable');
    const users = prod.only('AWS::Cognito::UserPool');

    const before = ['FilesBucket', 'TwilioSecret', 'KeysSecret', 'FollowUpsQueue', 'FollowUpsDeadLetters'];
    expect(users.dependsOn).toEqual(expect.arrayContaining(before));
    expect(table.dependsOn).toEqual(expect.arrayContaining([...before, 'UserPool', 'MachineClient']));
  });

  it('is one table on demand with two indexes that project the record, stream, expiry and recovery', () => {
    const table = prod.only('AWS::DynamoDB::GlobalTable');

    expect(table.properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      GlobalSecondaryIndexes: ['gsi1', 'gsi2'].map((name) => ({
        IndexName: name,
        KeySchema: [
          { AttributeName: `${name}pk`, KeyType: 'HASH' },
          { AttributeName: `${name}sk`, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['record'] },
      })),
      Replicas: [
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ],
    });
  });

  it('says in no template what a secret holds', () => {
    for (const { id, properties } of prod.ofType('AWS::SecretsManager::Secret')) {
      expect(properties.SecretString ?? properties.GenerateSecretString?.SecretStringTemplate, id).toBe('{}');
    }
  });

  // CloudFormation makes another secret when one of these changes: opt-outs would be forgotten, and events refused.
  it.each([
    ['keys', { GenerateStringKey: 'consentKey', PasswordLength: 64 }],
    ['cursors', { GenerateStringKey: 'cursorKey', PasswordLength: 64 }],
    ['platform', { GenerateStringKey: 'webhookKey', PasswordLength: 44 }],
  ])('has the secret %s generated with the very options that it was made with', (name, options) => {
    const secret = prod
      .ofType('AWS::SecretsManager::Secret')
      .find(({ properties }) => properties.Name === `switchboard/prod/${name}`);

    expect(secret?.properties.GenerateSecretString).toEqual({
      SecretStringTemplate: '{}',
      ExcludePunctuation: true,
      ...options,
    });
  });

  it('generates no other secret, and writes none again that an operator filled in', () => {
    const secrets = prod.ofType('AWS::SecretsManager::Secret');

    const filledIn = secrets.filter(({ properties }) => properties.GenerateSecretString === undefined);
    expect(filledIn.map(({ properties }) => [properties.Name, properties.SecretString])).toEqual(
      ['twilio', 'tipjar', 'tipjar-api'].map((name) => [`switchboard/prod/${name}`, '{}']),
    );
    expect(secrets).toHaveLength(6);
  });

  it("leaves a DJ's profile id to administrators: people can't write it on themselves", () => {
    const people = prod.resources.find(({ id }) => id === 'data/PeopleClient');

    expect(people?.properties.WriteAttributes).toEqual(['email', 'name']);
  });
});

describe('stacks', () => {
  it('stay below 450 resources and 180 outputs; CloudFormation refuses more than 500 and 200', () => {
    for (const [name, { Resources, Outputs = {} }] of Object.entries(prod.templates)) {
      expect(Object.keys(Resources).length, name).toBeLessThanOrEqual(450);
      expect(Object.keys(Outputs).length, name).toBeLessThanOrEqual(180);
    }
  });

  it('tell the operator what he needs', () => {
    const outputs = Object.values(prod.templates).flatMap(({ Outputs = {} }) =>
      Object.entries(Outputs)
        .map(([name]) => name)
        // What other stacks read.
        .filter((name) => !name.startsWith('PublishOutput')),
    );

    expect(outputs.sort()).toEqual([
      'ApiUrl',
      'FilesBucketName',
      'GatewayUrl',
      'KeysSecretName',
      'MachineClientId',
      'PlatformSecretName',
      'TableName',
      'TipJarApiSecretName',
      'TipJarSecretName',
      'TokenUrl',
      'TwilioSecretName',
      'UserPoolClientId',
      'UserPoolId',
    ]);
  });
});
