import { describe, expect, it, vi } from 'vitest';
import { parseConfig, stageConfig } from '#infra/config.ts';
import { type Synthesized, synthesize } from './synthesize.ts';

// Some tests synthesize the whole app, which takes 2 s on an idle machine.
vi.setConfig({ testTimeout: 90_000 });

const identity = { issuer: 'https://login.example.com', audience: ['dj-dash'] };

describe('the templates of local and prod', () => {
  it('differ in nothing but the named settings', () => {
    const local = flatten('local', synthesize('local'));
    const prod = flatten('prod', synthesize('prod', { identity }));

    const different = [...new Set([...local.keys(), ...prod.keys()])].filter(
      (path) => local.get(path) !== prod.get(path),
    );

    const named = [
      /Environment\.Variables\.(PUBLIC_BASE_URL|TWILIO_API_URL|TWILIO_MESSAGING_URL|TIPJAR_BASE_URL|TIPJAR_PAY_ORIGINS|PLATFORM_WEBHOOK_URL|PLATFORM_WEBHOOK_EVENTS)$/,
      /AWS::ApiGatewayV2::Authorizer .*\.JwtConfiguration\.(Issuer|Audience\.0)$/,
      /AWS::ApiGatewayV2::Api .*\.CorsConfiguration\.AllowOrigins\.0$/,
      /AWS::(DynamoDB::GlobalTable|S3::Bucket|SecretsManager::Secret) .*deletionPolicy$/,
      /AWS::DynamoDB::GlobalTable .*\.DeletionProtectionEnabled$/,
    ];
    expect(different.filter((path) => !named.some((setting) => setting.test(path)))).toEqual([]);
    for (const setting of named)
      expect(
        different.some((path) => setting.test(path)),
        String(setting),
      ).toBe(true);
  });
});

describe('settings', () => {
  it('of every stage in cdk.json are right', () => {
    for (const stage of ['dev', 'prod', 'local']) expect(stageConfig(stage).stage).toBe(stage);
  });

  it('of an unknown stage are refused with the names of the known ones', () => {
    expect(() => stageConfig('nowhere')).toThrow('cdk.json has no stage "nowhere"; it has dev, prod, local');
  });

  it('that are wrong are all named at once', () => {
    const wrong = () =>
      parseConfig({
        stage: 'prod',
        region: 'us-east-1',
        allowedOrigins: ['https://djdash.example.com/'],
        platformSender: '901-555-0100',
        tipjar: { baseUrl: 'https://tipjar.example.com', payOrigins: [] },
      });

    expect(wrong).toThrow(/allowedOrigins[\s\S]*platformSender[\s\S]*|platformSender[\s\S]*allowedOrigins/);
    expect(wrong).toThrow(/payOrigins/);
  });

  it.each([
    [
      'a payment page',
      { tipjar: { baseUrl: 'https://tipjar.example.com', payOrigins: ['http://pay.example.com'] } },
    ],
    ['TipJar', { tipjar: { baseUrl: 'http://tipjar.example.com', payOrigins: ['https://pay.example.com'] } }],
    ['the platform', { platformWebhook: { url: 'http://127.0.0.1:3012/platform/webhook' } }],
    ['Twilio', { twilioApiUrl: 'http://127.0.0.1:3010' }],
    ['the issuer', { identity: { ...identity, issuer: 'http://127.0.0.1:3013' } }],
  ])('let %s be without https on stage local only', (_what, overrides) => {
    expect(() => stageConfig('prod', overrides)).toThrow('must be https');
    expect(() => stageConfig('local', overrides)).not.toThrow();
  });

  it('tell the platform of everything unless they list what', () => {
    const url = 'https://djdash.example.com/switchboard-events';
    expect(stageConfig('prod').platformWebhook).toBeUndefined();
    expect(stageConfig('prod', { platformWebhook: { url } }).platformWebhook?.events).toContain(
      'call.missed',
    );
    expect(() =>
      stageConfig('prod', { platformWebhook: { url, events: ['call.imagined' as never] } }),
    ).toThrow(/platformWebhook\.events/);
  });

  it('may name the stream of a table that was restored: the relay reads that one, and may read no other', () => {
    const tableStreamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/switchboard-prod/stream/2026';
    const restored = synthesize('prod', { tableStreamArn });
    const [mapping, ...others] = restored
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ properties }) => properties.EventSourceArn.includes('/stream/'));
    const streams = restored
      .statements('outbox.relayChanges')
      .filter(({ actions }) => actions.includes('dynamodb:GetRecords'));

    expect(mapping?.properties.EventSourceArn).toBe(tableStreamArn);
    expect(others).toEqual([]);
    expect(streams.map(({ resources }) => resources)).toEqual([[tableStreamArn]]);
    expect(() => stageConfig('prod', { tableStreamArn: 'switchboard-prod' })).toThrow('tableStreamArn');
  });

  it('let only stage local say under which URL it is reached', () => {
    expect(() => stageConfig('prod', { publicBaseUrl: 'https://api.example.com' })).toThrow(
      'only for stage local',
    );
  });

  it('may bring an identity provider, and then no user pool is made', () => {
    const own = synthesize('dev', {
      identity: {
        ...identity,
        rolesClaim: ['realm_access', 'roles'],
        djClaim: ['app', 'dj'],
        serviceScope: 'djdash',
      },
    });

    const { Variables } = own.lambda('numbers.getNumber').properties.Environment;
    expect(own.resources.filter(({ type }) => type.startsWith('AWS::Cognito::'))).toEqual([]);
    expect(own.ofType('AWS::ApiGatewayV2::Authorizer')[0]?.properties.JwtConfiguration).toEqual({
      Issuer: 'https://login.example.com',
      Audience: ['dj-dash'],
    });
    expect(Variables).toMatchObject({
      IDENTITY_ROLES_CLAIM: '["realm_access","roles"]',
      IDENTITY_SCOPES_CLAIM: '["scope"]',
      IDENTITY_DJ_CLAIM: '["app","dj"]',
      IDENTITY_SERVICE_SCOPE: 'djdash',
    });
  });

  it('may keep places for the functions that answer callers, and for no others', () => {
    const own = synthesize('dev', { reservedConcurrency: { answerCall: 50, answerFallback: 10 } });

    const reserved = own
      .ofType('AWS::Lambda::Function')
      .filter(({ properties }) => properties.ReservedConcurrentExecutions !== undefined)
      .map(({ properties }) => [properties.FunctionName, properties.ReservedConcurrentExecutions]);
    expect(Object.fromEntries(reserved)).toEqual({
      'switchboard-dev-calls-answer-call': 50,
      'switchboard-dev-calls-answer-fallback': 10,
    });
  });

  it('may bring a domain, and then Twilio and people are sent there', () => {
    const own = synthesize('dev', {
      customDomain: {
        domainName: 'calls.example.com',
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/one',
        hostedZone: { id: 'Z123', name: 'example.com' },
      },
    });

    expect(own.lambda('calls.answerCall').properties.Environment.Variables.PUBLIC_BASE_URL).toBe(
      'https://calls.example.com',
    );
    expect(own.templates['api']?.Outputs?.['ApiUrl']?.Value).toBe('https://calls.example.com');
    expect(own.ofType('AWS::ApiGatewayV2::ApiMapping')[0]?.properties.Stage).toBe('$default');
    expect(own.ofType('AWS::Route53::RecordSet')).toHaveLength(1);
  });
});

/** Every value of every resource under a path that names its type; the stage's own name is taken out. */
function flatten(stage: string, { resources }: Synthesized): Map<string, string> {
  const values = new Map<string, string>();
  const add = (path: string, value: unknown) => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) add(`${path}.${key}`, member);
    } else {
      values.set(path, neutral(String(value)));
    }
  };
  const neutral = (text: string) =>
    text
      .replaceAll(`switchboard-${stage}`, 'switchboard-STAGE')
      .replaceAll(`switchboard/${stage}/`, 'switchboard/STAGE/')
      .replaceAll(`DJDashSwitchboard/${stage}`, 'DJDashSwitchboard/STAGE')
      .replaceAll(new RegExp(`^${stage}$`, 'g'), 'STAGE')
      // Account 000000000000 is local's; elsewhere the account is known only when it is deployed.
      .replaceAll('<AWS::AccountId>', 'ACCOUNT')
      .replaceAll('000000000000', 'ACCOUNT');
  for (const { id, type, properties, metadata, deletionPolicy } of resources) {
    add(`${type} ${id}`, { properties, metadata, deletionPolicy });
  }
  return values;
}
