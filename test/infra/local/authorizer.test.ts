import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authorizer } from '#infra/local/authorizer.ts';
import { listen } from '#infra/local/ports.ts';

const { privateKey, publicKey } = await generateKeyPair('RS256');
let issuer = '';
const provider = createServer((request, response) => {
  void exportJWK(publicKey).then((jwk) => {
    const keys = { keys: [{ ...jwk, kid: 'one', alg: 'RS256' }] };
    const isKeys = request.url === '/keys';
    if (!isKeys && request.url !== '/.well-known/openid-configuration') response.statusCode = 404;
    response.end(
      response.statusCode === 404
        ? ''
        : JSON.stringify(isKeys ? keys : { issuer, jwks_uri: `${issuer}/keys` }),
    );
  });
});
beforeAll(async () => {
  issuer = `http://127.0.0.1:${await listen(provider, 0, 'provider')}`;
});
afterAll(() => provider.close());

async function verify(
  payload: JWTPayload,
  { scopes, iss = issuer, accepted = issuer }: { scopes?: string[]; iss?: string; accepted?: string } = {},
) {
  const token = await new SignJWT({ iss, exp: Math.floor(Date.now() / 1000) + 60, ...payload })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .sign(privateKey);
  const authorizer = new Authorizer({ Issuer: accepted, Audience: ['switchboard', 'other'] });
  return authorizer.verify({ authorization: `Bearer ${token}` }, new Date(), scopes);
}

test.each([
  [{ aud: 'switchboard' }, true],
  [{ aud: ['elsewhere', 'other'] }, true],
  [{ client_id: 'switchboard' }, true],
  [{ aud: 'elsewhere', client_id: 'switchboard' }, false],
  [{ client_id: 'elsewhere' }, false],
  [{}, false],
])('audience %j is accepted: %s (client_id counts only without aud)', async (claims, accepted) => {
  expect((await verify(claims)) !== undefined).toBe(accepted);
});

test('an issuer with a slash at its end is asked for its keys, and tokens must name it with the slash', async () => {
  const accepted = `${issuer}/`;
  const aud = 'switchboard';

  expect(await verify({ aud }, { accepted, iss: accepted })).toBeDefined();
  expect(await verify({ aud }, { accepted, iss: issuer })).toBeUndefined();
});

test('an expired token, one not valid yet and one of another issuer are refused', async () => {
  const now = Math.floor(Date.now() / 1000);
  const aud = 'switchboard';

  expect(await verify({ aud, exp: now - 1 })).toBeUndefined();
  expect(await verify({ aud, nbf: now + 60 })).toBeUndefined();
  expect(await verify({ aud }, { iss: 'https://elsewhere.example.com' })).toBeUndefined();
});

test('claims are text as API Gateway writes it: lists, objects, numbers, truth values', async () => {
  const verified = await verify({
    aud: 'switchboard',
    groups: ['admin', 'dj'],
    realm: { roles: ['x', 'y'], id: 7 },
    none: [],
    level: 3,
    verified: true,
  });

  expect(verified).toMatchObject({
    claims: {
      groups: '[admin dj]',
      realm: 'map[id:7 roles:[x y]]',
      none: '[]',
      level: '3',
      verified: 'true',
    },
  });
});

test('a route’s scopes: one of them is enough, none of them is forbidden', async () => {
  const token = { aud: 'switchboard', scope: 'openid api/service' };

  expect(await verify(token, { scopes: ['api/service', 'api/admin'] })).toMatchObject({
    scopes: ['api/service', 'api/admin'],
  });
  expect(await verify(token, { scopes: ['api/admin'] })).toBe('forbidden');
});
