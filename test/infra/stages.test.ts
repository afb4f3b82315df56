import { describe, expect, it, vi } from 'vitest';
import { parseConfig, stageConfig } from '#infra/config.ts';
import { contracts, declared } from '#infra/contracts.ts';
import { otherSettings, ownAddresses } from './settings.ts';
import { type Synthesized, synthesize } from './synthesize.ts';

// Some tests synthesize the whole app, which takes 2 s on an idle machine.
vi.setConfig({ testTimeout: 90_000 });

const identity = { issuer: 'https://login.djdash.test', audience: ['dj-dash'] };

/** A stage with settings that have nothing to do with each other: made once for all that look at one of them. */
const withSeveral = () =>
  synthesize('dev', { customDomain, formerBaseUrls, reservedConcurrency, tableStreamArn });
const { customDomain, reservedConcurrency, tableStreamArn } = otherSettings;
const formerBaseUrls = ['https://old.example.com', 'https://calls.djdash.test'];

describe('the templates of local and prod', () => {
  it('differ in nothing but the named settings', () => {
    const local = flatten('local', synthesize('local'));
    const prod = flatten('prod', synthesize('prod', { identity }));

    const different = [...new Set([...local.keys(), ...prod.keys()])].filter(
      (path) => local.get(path) !== prod.get(path),
    );

    const named = [
      /Environment\.Variables\.(PUBLIC_BASE_URL|FORMER_BASE_URLS|TWILIO_API_URL|TWILIO_MESSAGING_URL|TIPJAR_BASE_URL|TIPJAR_PAY_ORIGINS|PLATFORM_WEBHOOK_URL|PLATFORM_WEBHOOK_EVENTS)$/,
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
    for (const stage of ['dev', 'local']) expect(stageConfig(stage).stage).toBe(stage);
    expect(stageConfig('prod', ownAddresses).stage).toBe('prod');
  });

  it('of a stage for others than developers must not be the placeholders of cdk.json any more', () => {
    const wrong = () => stageConfig('prod', { alarmEmail: 'ops@example.com' });

    const told =
      /placeholder "(\S+)": put your own into cdk\.json, under context\.stages\.prod\s+→ at (\S+)/g;
    const named = [...message(wrong).matchAll(told)].map(([, text, path]) => `${path} ${text}`);
    expect(named.sort()).toEqual([
      'alarmEmail ops@example.com',
      'allowedOrigins.0 https://djdash.example.com',
      'tipjar.baseUrl https://tipjar.example.com',
      'tipjar.payOrigins.0 https://tipjar.example.com',
    ]);
  });

  it.each(['https://example.org', 'https://a.b.EXAMPLE.net:8443', 'https://example.com/x'])(
    '%s is a placeholder too',
    (url) => {
      expect(() => stageConfig('prod', { ...ownAddresses, platformWebhook: { url } })).toThrow('placeholder');
      expect(() => stageConfig('dev', { platformWebhook: { url } })).not.toThrow();
    },
  );

  it.each([
    'https://example.com.djdash.test',
    'https://notexample.com',
    'https://djdash.test/?a=example.comet',
  ])('%s is none', (url) => {
    expect(() => stageConfig('prod', { ...ownAddresses, platformWebhook: { url } })).not.toThrow();
  });

  it('keep an issuer to the letter, with the slash at its end that Auth0 has', () => {
    for (const issuer of ['https://djdash.auth.test/', 'https://djdash.auth.test']) {
      expect(stageConfig('dev', { identity: { ...identity, issuer } }).identity?.issuer).toBe(issuer);
    }
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
    const url = 'https://djdash.test/switchboard-events';
    expect(stageConfig('prod', ownAddresses).platformWebhook).toBeUndefined();
    expect(
      stageConfig('prod', { ...ownAddresses, platformWebhook: { url } }).platformWebhook?.events,
    ).toContain('call.missed');
    expect(() =>
      stageConfig('prod', { platformWebhook: { url, events: ['call.imagined' as never] } }),
    ).toThrow(/platformWebhook\.events/);
  });

  it('may name the stream of a table that was restored: the relay reads that one, and may read no other', () => {
    const restored = withSeveral();
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
    const own = synthesize('dev', { identity: otherSettings.identity });

    const { Variables } = own.lambda('numbers.getNumber').properties.Environment;
    expect(own.resources.filter(({ type }) => type.startsWith('AWS::Cognito::'))).toEqual([]);
    expect(own.ofType('AWS::ApiGatewayV2::Authorizer')[0]?.properties.JwtConfiguration).toEqual({
      Issuer: 'https://djdash.auth.test/',
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
    const own = withSeveral();

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
    const own = withSeveral();

    expect(own.lambda('calls.answerCall').properties.Environment.Variables.PUBLIC_BASE_URL).toBe(
      'https://calls.djdash.test',
    );
    expect(own.templates['api']?.Outputs?.['ApiUrl']?.Value).toBe('https://calls.djdash.test');
    expect(formerOf(own)).toEqual([ownUrl, 'https://old.example.com']);
    // Every webhook takes signatures for the same URLs.
    const signed = declared(contracts.routes).filter(({ contract }) => contract.auth[0] === 'twilio');
    const told = signed.map(({ id }) => own.lambda(id).properties.Environment.Variables.FORMER_BASE_URLS);
    expect(new Set(told)).toEqual(new Set([formerOf(own).join(',')]));
    expect(own.ofType('AWS::ApiGatewayV2::ApiMapping')[0]?.properties.Stage).toBe('$default');
    expect(own.ofType('AWS::Route53::RecordSet')).toHaveLength(1);
  });
});

function message(failing: () => unknown): string {
  try {
    failing();
  } catch (error) {
    return String(error);
  }
  throw new Error('nothing was wrong');
}

describe('the base URLs', () => {
  const customDomain = {
    domainName: 'calls.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/one',
  };

  it('of a domain that is not in use yet, or no more, are served and accepted but not handed out', () => {
    const own = synthesize('dev', { customDomain: { ...customDomain, inUse: false } });

    expect(own.lambda('calls.answerCall').properties.Environment.Variables.PUBLIC_BASE_URL).toEqual(ownUrl);
    expect(formerOf(own)).toEqual(['https://calls.example.com']);
    expect(own.ofType('AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
  });

  it.each([
    ['none that is no origin', ['https://old.example.com/calls'], 'must be an origin'],
    ['none with a slash at its end', ['https://old.example.com/'], 'must not end with a slash'],
    ['none without https', ['http://old.example.com'], 'must be https'],
    ['no word', ['old.example.com'], 'formerBaseUrls'],
    ['no more than three', [1, 2, 3, 4].map((n) => `https://old-${n}.example.com`), 'formerBaseUrls'],
  ])('may be former ones: %s', (_which, formerBaseUrls, problem) => {
    expect(() => stageConfig('prod', { formerBaseUrls })).toThrow(problem);
  });
});

/** The API's own URL, as templates name it. */
const ownUrl: unknown = expect.stringContaining('ApiEndpoint');
const formerOf = (app: Synthesized): string[] =>
  String(app.lambda('calls.answerCall').properties.Environment.Variables.FORMER_BASE_URLS).split(',');

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
