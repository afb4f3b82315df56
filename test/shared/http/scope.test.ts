import { describe, expect, test } from 'vitest';
import { belongingTo, djAsked, djAskedIfAny, mayAccess, type Scope } from '#shared/http/scope.ts';
import type { DjProfileId, TenantId, UserId } from '#shared/id.ts';
import { ownerOfTenant } from '#shared/owner.ts';

const ben = 'dj-ben' as DjProfileId;
const max = 'dj-max' as DjProfileId;
const acme = ownerOfTenant('t_acme' as TenantId);
const other = ownerOfTenant('t_other' as TenantId);
const ann = 'u_ann' as UserId;
const bob = 'u_bob' as UserId;

const all = { scope: { kind: 'all' } as Scope };
const service = { scope: { kind: 'djs' } as Scope };
const dj = { scope: { kind: 'owner', owner: ben } as Scope };
const owner = { scope: { kind: 'owner', owner: acme } as Scope };
const member = { scope: { kind: 'user', owner: acme, userId: ann } as Scope };

const things = {
  "Ben's": { owner: ben },
  "Max's": { owner: max },
  "Acme's": { owner: acme },
  "Ann's at Acme": { owner: acme, userId: ann },
  "Bob's at Acme": { owner: acme, userId: bob },
  "another tenant's": { owner: other },
  "Ann's at another tenant": { owner: other, userId: ann },
  "nobody's": 'nobody',
  "everybody's together": 'everybody',
} as const;

describe('what may be seen and changed', () => {
  test.each([
    ['an admin', all, Object.keys(things)],
    ['the service', service, ["Ben's", "Max's", "nobody's"]],
    ['a DJ', dj, ["Ben's"]],
    ['the owner of a tenant', owner, ["Acme's", "Ann's at Acme", "Bob's at Acme"]],
    ['a member of a tenant', member, ["Ann's at Acme"]],
  ])('by %s', (_who, principal, wanted) => {
    const seen = Object.entries(things).filter(([, thing]) => mayAccess(principal, thing));
    expect(seen.map(([name]) => name)).toEqual(wanted);
  });

  test.each([
    { kind: 'unknown' },
    {},
    { kind: 'owner' },
    { kind: 'user' },
    { kind: 'user', owner: '~t_acme' },
  ])('by somebody whose scope is %j is nothing', (scope) => {
    const principal = { scope: scope as unknown as Scope };
    expect(Object.entries(things).filter(([, thing]) => mayAccess(principal, thing))).toEqual([]);
  });

  test("what has no owner is nobody's", () => {
    expect([belongingTo(null), belongingTo(undefined), belongingTo(ben)]).toEqual([
      'nobody',
      'nobody',
      { owner: ben },
    ]);
  });
});

describe('the DJ that a request is about', () => {
  const notFound = expect.objectContaining({ code: 'NOT_FOUND' });

  test('is for a DJ himself, named or not, and never another', () => {
    expect([djAsked(dj, undefined), djAsked(dj, ben)]).toEqual([ben, ben]);
    expect(() => djAsked(dj, max)).toThrow(notFound);
  });

  test('must be named by others, where it cannot be left out', () => {
    expect(djAsked(all, max)).toBe(max);
    expect(() => djAsked(service, undefined, 'body')).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: [{ path: 'body.dj_profile_id', message: 'is required' }],
      }),
    );
    expect([djAskedIfAny(all, undefined), djAskedIfAny(service, undefined)]).toEqual([undefined, undefined]);
  });

  test('is none for a tenant, whoever is named', () => {
    for (const principal of [owner, member])
      for (const asked of [undefined, ben]) expect(() => djAskedIfAny(principal, asked)).toThrow(notFound);
  });
});
