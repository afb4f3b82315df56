import { describe, expect, test } from 'vitest';
import {
  djOf,
  mayRead,
  mustHaveSignedInRecently,
  type Principal,
  principalOf,
} from '#shared/http/principal.ts';
import type { DjProfileId } from '#shared/id.ts';
import { adminClaims, bearer, djClaims, serviceClaims } from './api-event.ts';

const paths = {
  roles: ['cognito:groups'],
  scopes: ['scope'],
  dj: ['dj_profile_id'],
  serviceScope: 'api/service',
};
const of = (claims: Record<string, unknown>, where = paths) => principalOf(bearer(claims), where);
const forbidden = (sentence: RegExp) =>
  expect.objectContaining({ code: 'FORBIDDEN', status: 403, message: expect.stringMatching(sentence) });
const signInAgain = expect.objectContaining({ code: 'SIGN_IN_AGAIN', status: 403 });
const ben = 'dj-ben' as DjProfileId;
const max = 'dj-max' as DjProfileId;

test('an admin, a machine and a DJ are who their token says', () => {
  expect(of(adminClaims)).toMatchObject({ role: 'admin', subject: 'admin-1' });
  expect(of(serviceClaims)).toMatchObject({ role: 'service', subject: 'backend' });
  expect(of(djClaims('dj-ben'))).toMatchObject({ role: 'dj', subject: 'user-dj-ben', djProfileId: 'dj-ben' });
});

test('only a DJ has the id of a DJ, whatever else the token carries', () => {
  expect(of({ ...adminClaims, dj_profile_id: 'dj-ben' }).djProfileId).toBeUndefined();
  expect(of({ ...serviceClaims, dj_profile_id: 'dj-ben' }).djProfileId).toBeUndefined();
});

test.each([
  ['lists', { groups: ['dj', 'other'] }],
  ['words', { groups: 'other dj' }],
])('roles may be %s, nested anywhere', (_what, access) => {
  const claims = { sub: 'u', realm: { 'app.example/access': access }, profile: { dj: { id: 'dj-ben' } } };
  const where = {
    roles: ['realm', 'app.example/access', 'groups'],
    scopes: ['scp'],
    dj: ['profile', 'dj', 'id'],
    serviceScope: 's',
  };
  expect(of(claims, where)).toMatchObject({ role: 'dj', djProfileId: 'dj-ben' });
});

describe('denied', () => {
  test.each([
    ['no role', { sub: 'u' }],
    ['an unknown role', { sub: 'u', 'cognito:groups': ['owner'] }],
    ['a role that only contains the word', { sub: 'u', 'cognito:groups': ['super-admin', 'admins'] }],
    ['a role of another case', { sub: 'u', 'cognito:groups': ['Admin'] }],
    ['another scope', { sub: 'c', scope: 'api/services' }],
    ['roles that are no texts', { sub: 'u', 'cognito:groups': [{ admin: true }, 1, null] }],
    ['a role that is an object', { sub: 'u', 'cognito:groups': { admin: true } }],
  ])('%s', (_what, claims) => {
    expect(() => of(claims)).toThrow(forbidden(/no role/));
  });

  test.each([
    ['admin and DJ', { ...djClaims('dj-ben'), 'cognito:groups': ['admin', 'dj'] }],
    ['DJ and machine', { ...djClaims('dj-ben'), scope: 'api/service' }],
    ['all three', { ...djClaims('dj-ben'), 'cognito:groups': ['dj', 'admin'], scope: 'api/service' }],
  ])('more than one role: %s', (_what, claims) => {
    expect(() => of(claims)).toThrow(forbidden(/more than one role/));
  });

  test.each([undefined, '', ' ', 'dj ben', 'dj#ben', 7, ['dj-ben'], null, 'x'.repeat(129)])(
    'a DJ whose id is %j',
    (djProfileId) => {
      expect(() => of({ ...djClaims('x'), dj_profile_id: djProfileId })).toThrow(forbidden(/id of the DJ/));
    },
  );

  test.each([undefined, '', 7, null])('a token whose sub is %j, even if it names a client', (sub) => {
    for (const claims of [adminClaims, serviceClaims, djClaims('dj-ben')])
      expect(() => of({ ...claims, client_id: 'c', sub })).toThrow(forbidden(/sub/));
  });

  test.each(['id', 'refresh', '', null, 7, ['access']])('a token for the use %j', (use) => {
    for (const claims of [adminClaims, serviceClaims, djClaims('dj-ben')])
      expect(() => of({ ...claims, token_use: use })).toThrow(forbidden(/access token/));
    expect(of({ ...adminClaims, token_use: 'access' })).toMatchObject({ role: 'admin' });
  });

  test.each(['', 'Bearer', 'Bearer x', 'Basic a.b.c', 'Bearer a.b', 'Bearer a.b.c.d'])(
    'the header "%s"',
    (header) => {
      expect(() => principalOf(header, paths)).toThrow(forbidden(/Authorization header/));
    },
  );
});

describe('the DJ that a request is about', () => {
  const dj: Principal = { role: 'dj', subject: 'u', djProfileId: ben };
  const admin: Principal = { role: 'admin', subject: 'a' };

  test('is for a DJ himself, named or not', () => {
    expect(djOf(dj, undefined)).toBe(ben);
    expect(djOf(dj, ben)).toBe(ben);
  });

  test('is for a DJ never another: not found, as if there were none', () => {
    expect(() => djOf(dj, max)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  test('must be named by others', () => {
    expect(djOf(admin, max)).toBe(max);
    expect(() => djOf(admin, undefined, 'body')).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: [{ path: 'body.dj_profile_id', message: 'is required' }],
      }),
    );
  });

  test('a DJ reads his own only, others read all', () => {
    expect([mayRead(dj, ben), mayRead(dj, max), mayRead(dj, null)]).toEqual([true, false, false]);
    expect([mayRead(admin, ben), mayRead(admin, null)]).toEqual([true, true]);
  });
});

describe('a recent sign-in', () => {
  const now = new Date('2026-03-02T18:00:00Z');
  const signedIn = (secondsAgo: number) =>
    of(djClaims('dj-ben', { auth_time: now.getTime() / 1000 - secondsAgo }));

  test('is one of the last fifteen minutes', () => {
    expect(() => mustHaveSignedInRecently(signedIn(900), now)).not.toThrow();
    expect(() => mustHaveSignedInRecently(signedIn(901), now)).toThrow(signInAgain);
  });

  test('is asked of a DJ whose token does not say when', () => {
    expect(() => mustHaveSignedInRecently(of(djClaims('dj-ben')), now)).toThrow(signInAgain);
    expect(() => mustHaveSignedInRecently(of(djClaims('dj-ben', { auth_time: 'yesterday' })), now)).toThrow(
      signInAgain,
    );
  });

  test('is not asked of admins and machines', () => {
    expect(() => mustHaveSignedInRecently(of(adminClaims), now)).not.toThrow();
    expect(() => mustHaveSignedInRecently(of(serviceClaims), now)).not.toThrow();
  });
});
