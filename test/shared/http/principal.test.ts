import { describe, expect, test } from 'vitest';
import { mustHaveSignedInRecently, principalOf } from '#shared/http/principal.ts';
import { adminClaims, bearer, djClaims, serviceClaims, userClaims } from './api-event.ts';

const paths = {
  roles: ['cognito:groups'],
  scopes: ['scope'],
  dj: ['dj_profile_id'],
  tenant: ['tenant_id'],
  tenantRole: ['tenant_role'],
  serviceScope: 'api/service',
  personalTenants: false,
};
const of = (claims: Record<string, unknown>, where = paths) => principalOf(bearer(claims), where);
const forbidden = (sentence: RegExp) =>
  expect.objectContaining({ code: 'FORBIDDEN', status: 403, message: expect.stringMatching(sentence) });
const signInAgain = expect.objectContaining({ code: 'SIGN_IN_AGAIN', status: 403 });

test('an admin, a machine and a DJ are who their token says, and see as much', () => {
  expect(of(adminClaims)).toMatchObject({ role: 'admin', subject: 'admin-1', scope: { kind: 'all' } });
  expect(of(serviceClaims)).toMatchObject({ role: 'service', subject: 'backend', scope: { kind: 'djs' } });
  expect(of(djClaims('dj-ben'))).toMatchObject({
    role: 'dj',
    subject: 'user-dj-ben',
    scope: { kind: 'owner', owner: 'dj-ben' },
  });
});

test('only a DJ has the id of a DJ, whatever else the token carries', () => {
  expect(of({ ...adminClaims, dj_profile_id: 'dj-ben' }).scope).toEqual({ kind: 'all' });
  expect(of({ ...serviceClaims, dj_profile_id: 'dj-ben' }).scope).toEqual({ kind: 'djs' });
  expect(of({ ...userClaims('t_acme', 'owner'), dj_profile_id: 'dj-ben' }).scope).toEqual({
    kind: 'owner',
    owner: '~t_acme',
  });
});

describe('a user of a tenant', () => {
  test('speaks for the tenant as its owner, and for no one else as a member', () => {
    const owner = of(userClaims('t_acme', 'owner'));
    const member = of(userClaims('t_acme', 'member'));
    const userId = expect.stringMatching(/^u_[0-9a-f]{32}$/);
    expect(owner).toMatchObject({
      role: 'user',
      scope: { kind: 'owner', owner: '~t_acme' },
      membership: { tenantId: 't_acme', tenantRole: 'owner', userId },
    });
    expect(member).toMatchObject({ scope: { kind: 'user', owner: '~t_acme', userId } });
  });

  test('is a member unless the token says otherwise', () => {
    expect(of({ ...userClaims('t_acme'), tenant_role: undefined }).membership?.tenantRole).toBe('member');
  });

  test('is another person for another issuer', () => {
    const idAt = (iss: string) => of({ ...userClaims('t_acme'), iss }).membership?.userId;
    expect(idAt('https://a.example.com')).toBe(idAt('https://a.example.com'));
    expect(idAt('https://a.example.com')).not.toBe(idAt('https://b.example.com'));
  });

  test('that names no tenant is refused, or one alone where the stage says so', () => {
    const claims = { ...userClaims('t_acme'), tenant_id: undefined };
    expect(() => of(claims)).toThrow(forbidden(/id of a tenant/));
    const alone = of(claims, { ...paths, personalTenants: true });
    expect(alone.membership).toMatchObject({
      tenantRole: 'owner',
      tenantId: alone.membership?.userId.replace('u_', 't_'),
    });
  });

  test.each(['', 'acme', 't_', 't_a#b', 't_a/b', '~t_acme', 7, null, ['t_acme'], `t_${'x'.repeat(65)}`])(
    'whose tenant is %j is refused, also where persons may be alone',
    (tenantId) => {
      const claims = { ...userClaims('t_acme'), tenant_id: tenantId };
      for (const personalTenants of [false, true])
        expect(() => of(claims, { ...paths, personalTenants })).toThrow(forbidden(/id of a tenant/));
    },
  );

  test.each(['admin', 'Owner', '', 7, ['owner']])('whose role in it is %j is refused', (tenantRole) => {
    expect(() => of({ ...userClaims('t_acme'), tenant_role: tenantRole })).toThrow(
      forbidden(/owner or member/),
    );
  });

  test('of no issuer is refused', () => {
    expect(() => of({ ...userClaims('t_acme'), iss: undefined })).toThrow(forbidden(/iss/));
  });
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
    tenant: ['profile', 'tenant'],
    tenantRole: ['profile', 'tenant_role'],
    serviceScope: 's',
    personalTenants: false,
  };
  expect(of(claims, where)).toMatchObject({ role: 'dj', scope: { owner: 'dj-ben' } });
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
    ['DJ and user', { ...djClaims('dj-ben'), ...userClaims('t_acme'), 'cognito:groups': ['dj', 'user'] }],
    ['user and machine', { ...userClaims('t_acme'), scope: 'api/service' }],
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

describe('a recent sign-in', () => {
  const now = new Date('2026-03-02T18:00:00Z');
  const signedIn = (secondsAgo: number) =>
    of(djClaims('dj-ben', { auth_time: now.getTime() / 1000 - secondsAgo }));

  test('is one of the last fifteen minutes', () => {
    expect(() => mustHaveSignedInRecently(signedIn(900), now)).not.toThrow();
    expect(() => mustHaveSignedInRecently(signedIn(901), now)).toThrow(signInAgain);
  });

  test('is asked of a user of a tenant', () => {
    const user = of(userClaims('t_acme', 'owner'));
    expect(() => mustHaveSignedInRecently(user, now)).toThrow(signInAgain);
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
