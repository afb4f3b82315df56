import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authorizer } from '#infra/local/authorizer.ts';
import { clientId, clientSecret, fetchToken, Identity } from '#infra/local/identity.ts';

let now = new Date('2027-03-01T10:00:00Z');
const identity = new Identity(() => now);
beforeAll(() => identity.start(0));
afterAll(() => identity.stop());

function ask(form: Record<string, string>, credentials?: string) {
  const authorization = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
  return fetch(identity.tokenUrl, {
    method: 'POST',
    headers: credentials === undefined ? {} : { authorization },
    body: new URLSearchParams(form),
  });
}

const grant = { grant_type: 'client_credentials' };
const right = `${clientId}:${clientSecret}`;

test.each([
  ['by HTTP Basic, with the scope', { ...grant, scope: 'api/service' }, right],
  ['by HTTP Basic, without a scope: it gets all it may have', grant, right],
  ['in the form', { ...grant, client_id: clientId, client_secret: clientSecret }, undefined],
])('a client that shows its secret %s gets a token of the service', async (_how, form, credentials) => {
  const response = await ask(form, credentials);
  const answer = (await response.json()) as { access_token: string };

  expect([response.status, answer]).toMatchObject([200, { expires_in: 3600, token_type: 'Bearer' }]);
  const claims = decodeJwt(answer.access_token);
  expect(claims).toMatchObject({
    iss: identity.issuer,
    sub: clientId,
    client_id: clientId,
    scope: 'api/service',
    token_use: 'access',
  });
  expect(claims).not.toHaveProperty('aud');
  expect(claims).not.toHaveProperty('cognito:groups');
});

test.each([
  ['a wrong secret', grant, `${clientId}:wrong`, 401, 'invalid_client'],
  ['a wrong id', grant, `nobody:${clientSecret}`, 401, 'invalid_client'],
  ['no secret', { ...grant, client_id: clientId }, undefined, 401, 'invalid_client'],
  ['another scope', { ...grant, scope: 'api/admin' }, right, 400, 'invalid_scope'],
  ['another grant', { grant_type: 'password' }, right, 400, 'unsupported_grant_type'],
  ['no grant', {}, right, 400, 'invalid_request'],
])('%s is refused in one word', async (_what, form, credentials, status, error) => {
  const response = await ask(form, credentials);

  expect([response.status, await response.json()]).toEqual([status, { error }]);
});

test('tokens are issued and expire by the clock that the issuer is given', async () => {
  const authorizer = new Authorizer({ Issuer: identity.issuer, Audience: [clientId] });
  const token = await fetchToken(identity.issuer, 'dj', { djProfileId: 'dj-7' });
  const accepted = async (at: string) =>
    (await authorizer.verify({ authorization: `Bearer ${token}` }, new Date(at))) !== undefined;

  expect(decodeJwt(token)).toMatchObject({
    iat: now.getTime() / 1000,
    auth_time: now.getTime() / 1000,
    exp: now.getTime() / 1000 + 3600,
  });
  expect(await accepted('2027-03-01T10:59:59Z')).toBe(true);
  expect(await accepted('2027-03-01T11:00:01Z')).toBe(false);
  now = new Date('2027-03-01T12:00:00Z');
  expect(decodeJwt(await fetchToken(identity.issuer, 'admin')).exp).toBe(now.getTime() / 1000 + 3600);
});
