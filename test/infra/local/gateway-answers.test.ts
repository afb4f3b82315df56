import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Throttled } from '#infra/local/concurrency.ts';
import { type Answered, Gateway } from '#infra/local/gateway.ts';
import { resolveTemplates } from '#infra/local/template.ts';
import { documented, holdAgainstDocument } from '#test/support/api-document.ts';

/*
 * What the gateway answers by itself, for every operation: the functions are never asked, or fail.
 */

const names = [...documented.keys()];
const ofPeople = names.filter((name) => documented.get(name)?.responses[401] !== undefined);

let problem = new Error('The function crashed');
let answered: Answered[] = [];
const gateway = new Gateway(
  () => Promise.reject(problem),
  () => new Date(),
  (answer) => answered.push(answer),
);
let api = '';
beforeAll(async () => {
  api = `http://127.0.0.1:${await gateway.start(0)}`;
});
afterAll(() => gateway.stop());

function serve({ needsToken = false, burst = 1 }) {
  const Resources = {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: burst } },
    },
    Fn: { Type: 'AWS::Lambda::Function', Properties: {} },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Fn', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    Tokens: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        AuthorizerType: 'JWT',
        JwtConfiguration: { Issuer: 'https://issuer.example.com', Audience: ['api'] },
      },
    },
    ...Object.fromEntries(
      names.map((RouteKey, index) => [
        `Route${index}`,
        {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            RouteKey,
            Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
            ...(needsToken && { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Tokens' } }),
          },
        },
      ]),
    ),
  };
  const world = {
    region: 'us-east-1',
    account: '000000000000',
    queueEndpoint: '',
    apiUrl: '',
    tableSuffix: '',
  };
  gateway.serve(resolveTemplates([{ name: 'app', template: { Resources } }], world));
}

/** Asks for each of them, and holds what comes back against the document. */
async function askAll(
  operations: readonly string[],
  headers: Record<string, string> = {},
): Promise<number[]> {
  answered = [];
  for (const name of operations) {
    const [method = '', path = ''] = name.split(' ');
    const asked = request(api + path.replaceAll(/\{\w+\}/g, 'x'), { method, headers });
    if ('content-length' in headers) asked.flushHeaders();
    else asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    await response.toArray();
    asked.destroy();
  }
  for (const [index, { status, headers: sent, body }] of answered.entries())
    holdAgainstDocument(operations[index] ?? '', { status, headers: sent, text: String(body) });
  return [...new Set(answered.map(({ status }) => status))];
}

test('nobody is let in without a token', async () => {
  serve({ needsToken: true });
  expect(ofPeople.length).toBeGreaterThan(30);
  expect(await askAll(ofPeople)).toEqual([401]);
});

test('who says beforehand that it is more than 10 MB is refused before it is sent', async () => {
  serve({});
  expect(await askAll(names, { 'content-length': String(10 * 1024 * 1024 + 1) })).toEqual([413]);
});

test('functions that crash, functions of which too many run, and too many requests are told apart', async () => {
  serve({ burst: 2 });
  expect(await askAll(names)).toEqual([500]);
  problem = new Throttled('too many at once');
  expect(await askAll(names)).toEqual([503]);
  expect(await askAll(names)).toEqual([429]);
});
