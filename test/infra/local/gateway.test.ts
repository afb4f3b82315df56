import { once } from 'node:events';
import { request } from 'node:http';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Gateway } from '#infra/local/gateway.ts';
import { clientId, fetchToken, Identity } from '#infra/local/identity.ts';
import { resolveTemplates } from '#infra/local/template.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

const identity = new Identity();
let answer: (event: Event) => unknown = () => ({ statusCode: 204 });
const events: Event[] = [];
const gateway = new Gateway(async (_arn, event) => {
  events.push(event as Event);
  return answer(event as Event);
});
let api = '';

beforeAll(async () => {
  await identity.start(0);
  api = `http://127.0.0.1:${await gateway.start(0)}`;
});
afterAll(() => Promise.all([gateway.stop(), identity.stop()]));
beforeEach(() => {
  events.length = 0;
  answer = () => ({ statusCode: 204 });
  serve();
});

/** Serves these routes, each by a function of its own; those under /private want a token. */
function serve(keys = defaultRoutes, settings: Record<string, unknown> = {}, timeoutMs = 30_000) {
  const routes = keys.flatMap((RouteKey, index) => [
    [`Fn${index}`, { Type: 'AWS::Lambda::Function', Properties: {} }],
    [
      `Integration${index}`,
      {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': [`Fn${index}`, 'Arn'] },
          PayloadFormatVersion: '2.0',
          TimeoutInMillis: timeoutMs,
        },
      },
    ],
    [
      `Route${index}`,
      {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          RouteKey,
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: `Integration${index}` }]] },
          ...(RouteKey.includes('/private') && { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Tokens' } }),
        },
      },
    ],
  ]);
  const template = {
    Resources: {
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          CorsConfiguration: {
            AllowOrigins: ['https://djdash.example.com'],
            AllowMethods: ['GET', 'POST'],
            AllowHeaders: ['authorization'],
            ExposeHeaders: ['x-request-id'],
            MaxAge: 600,
          },
        },
      },
      Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { StageName: '$default', ...settings } },
      Tokens: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: {
          AuthorizerType: 'JWT',
          IdentitySource: ['$request.header.Authorization'],
          JwtConfiguration: { Issuer: identity.issuer, Audience: [clientId] },
        },
      },
      ...Object.fromEntries(routes),
    },
  };
  const world = {
    region: 'us-east-1',
    account: '000000000000',
    queueEndpoint: '',
    apiUrl: '',
    tableSuffix: '',
  };
  gateway.serve(resolveTemplates([{ name: 'app', template }], world));
}

const defaultRoutes = [
  'GET /things/{id}',
  'GET /things/own',
  'POST /things',
  'ANY /any/{rest+}',
  'GET /private',
];

describe('routes', () => {
  test('a literal segment wins over a parameter', async () => {
    await fetch(`${api}/things/own`);
    await fetch(`${api}/things/17`);

    expect(events.map(({ routeKey }) => routeKey)).toEqual(['GET /things/own', 'GET /things/{id}']);
    expect(events.map(({ pathParameters }) => pathParameters)).toEqual([undefined, { id: '17' }]);
  });

  test('a greedy parameter takes the rest of the path, for any method', async () => {
    await fetch(`${api}/any/a/b%20c`, { method: 'PATCH' });

    expect(events[0]).toMatchObject({ rawPath: '/any/a/b c', pathParameters: { rest: 'a/b c' } });
  });

  test.each([
    ['POST', '/things/17'],
    ['GET', '/things/'],
    ['GET', '/things/17/more'],
    ['GET', '/'],
  ])('%s %s is nobody and gets the gateway’s own 404', async (method, path) => {
    const response = await fetch(`${api}${path}`, { method });

    expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
    expect(events).toEqual([]);
  });
});

describe('the event', () => {
  test('has repeated headers and parameters joined, the query as it came, and cookies apart', async () => {
    await send('/things/1?tag=a&tag=b%2Cc&empty=', {
      headers: { 'X-Many': ['1', '2'], Cookie: 'a=1; b=2' },
    });

    expect(events[0]).toMatchObject({
      version: '2.0',
      rawQueryString: 'tag=a&tag=b%2Cc&empty=',
      queryStringParameters: { tag: 'a,b,c', empty: '' },
      cookies: ['a=1', 'b=2'],
      requestContext: { http: { method: 'GET', path: '/things/1' }, stage: '$default' },
    });
    expect(events[0]?.headers['x-many']).toBe('1,2');
    expect(events[0]?.headers['cookie']).toBeUndefined();
  });

  test.each([
    ['application/json', false],
    ['text/plain; charset=utf-8', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    [undefined, true],
  ])('a body of content type %s is base64: %s', async (type, encoded) => {
    await send('/things', {
      method: 'POST',
      headers: type ? { 'Content-Type': type } : {},
      body: 'From=%2B1 é',
    });

    const { body, isBase64Encoded } = events[0] as Event;
    expect(isBase64Encoded).toBe(encoded);
    expect(Buffer.from(body ?? '', encoded ? 'base64' : 'utf8').toString()).toBe('From=%2B1 é');
  });

  test('without a body has none', async () => {
    await fetch(`${api}/things/1`);

    expect(events[0]).toMatchObject({ isBase64Encoded: false });
    expect(events[0]).not.toHaveProperty('body');
  });
});

describe('the reply', () => {
  test('carries status, headers, cookies and a decoded body', async () => {
    answer = () => ({
      statusCode: 201,
      headers: { 'Content-Type': 'image/png', 'X-Number': 5 },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from([0, 255, 1]).toString('base64'),
      isBase64Encoded: true,
    });

    const response = await fetch(`${api}/things/1`);

    expect(response.status).toBe(201);
    expect(response.headers.get('x-number')).toBe('5');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
  });

  test('without a status code is a JSON body as a whole', async () => {
    answer = () => ({ hello: 'there' });

    const response = await fetch(`${api}/things/1`);

    expect([response.status, await response.json()]).toEqual([200, { hello: 'there' }]);
  });

  test('of a function that fails is the gateway’s own 500', async () => {
    answer = () => {
      throw new Error('secret detail');
    };

    const response = await fetch(`${api}/things/1`);

    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  test('of a function that takes longer than the integration may is 503', async () => {
    serve(defaultRoutes, {}, 50);
    answer = () => new Promise((done) => setTimeout(done, 500, { statusCode: 204 }));

    const response = await fetch(`${api}/things/1`);

    expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
  });
});

test('a body over 10 MB is refused before any function sees it', async () => {
  const body = Buffer.alloc(10 * 1024 * 1024 + 1);

  const response = await fetch(`${api}/things`, { method: 'POST', body });

  expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
  expect(events).toEqual([]);
});

test('beyond the burst of a route’s throttle requests are turned away', async () => {
  serve(defaultRoutes, {
    DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 1000 },
    RouteSettings: { 'GET /things/{id}': { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 } },
  });

  const responses = await Promise.all([1, 2, 3].map(() => fetch(`${api}/things/1`)));
  const other = await fetch(`${api}/things/own`);

  expect(responses.filter(({ status }) => status === 204)).toHaveLength(2);
  expect(await responses.find(({ status }) => status === 429)?.json()).toEqual({
    message: 'Too Many Requests',
  });
  expect(other.status).toBe(204);
});

describe('tokens', () => {
  const get = (token?: string) =>
    fetch(`${api}/private`, { headers: token === undefined ? {} : { authorization: token } });

  test('a valid one comes with its claims as text, lists as API Gateway prints them', async () => {
    const response = await get(`Bearer ${await fetchToken(identity.issuer, 'dj', { djProfileId: 'dj-7' })}`);

    expect(response.status).toBe(204);
    const { claims, scopes } = events[0]?.requestContext.authorizer.jwt ?? {};
    expect(claims).toMatchObject({ 'cognito:groups': '[dj]', dj_profile_id: 'dj-7', client_id: clientId });
    expect(claims?.['exp']).toMatch(/^\d+$/);
    expect(claims).not.toHaveProperty('aud');
    expect(scopes).toBeNull();
  });

  test('a service’s has its scope and no groups', async () => {
    await get(`Bearer ${await fetchToken(identity.issuer, 'service')}`);

    const { claims } = events[0]?.requestContext.authorizer.jwt ?? {};
    expect(claims).toMatchObject({ scope: 'api/service' });
    expect(claims).not.toHaveProperty('cognito:groups');
  });

  test.each([
    ['none', async () => undefined],
    ['one that is no token', async () => 'Bearer nonsense'],
    ['one of another key', async () => `Bearer ${await forged({ client_id: clientId })}`],
  ])('%s gets the gateway’s own 401', async (_what, token) => {
    const response = await get(await token());

    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect(events).toEqual([]);
  });

  async function forged(claims: Record<string, unknown>): Promise<string> {
    const { privateKey } = await generateKeyPair('RS256');
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'forged' })
      .setIssuer(identity.issuer)
      .setExpirationTime('1h')
      .sign(privateKey);
  }
});

describe('browsers', () => {
  const from = (origin: string, method: string) => fetch(`${api}/private`, { method, headers: { origin } });

  test('of an allowed origin get a preflight answer, with no function asked', async () => {
    const response = await from('https://djdash.example.com', 'OPTIONS');

    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'https://djdash.example.com',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '600',
    });
    expect(events).toEqual([]);
  });

  test('of an allowed origin may read errors too', async () => {
    const response = await from('https://djdash.example.com', 'GET');

    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://djdash.example.com');
    expect(response.headers.get('access-control-expose-headers')).toBe('x-request-id');
  });

  test('of another origin get nothing', async () => {
    const response = await from('https://elsewhere.example.com', 'OPTIONS');

    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

/** Like fetch, for what fetch does not let through: repeated headers, cookies, no content type. */
async function send(
  path: string,
  options: { method?: string; headers: Record<string, string | string[]>; body?: string },
): Promise<void> {
  const outgoing = request(`${api}${path}`, { method: options.method ?? 'GET', headers: options.headers });
  outgoing.end(options.body);
  const [response] = await once(outgoing, 'response');
  response.resume();
  await once(response, 'end');
}
