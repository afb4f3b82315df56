import { expect, test } from 'vitest';
import type { DjProfileId, OwnerId, TenantId } from '#shared/id.ts';
import { djOf, isDj, isOwnerId, ownerOfTenant, tenantOf } from '#shared/owner.ts';

const ben = 'dj-ben' as DjProfileId;
const acme = ownerOfTenant('t_acme' as TenantId);

test('a DJ stands in keys as before, a tenant behind a sign that no DJ can have', () => {
  expect([ben, acme]).toEqual(['dj-ben', '~t_acme']);
  expect([isOwnerId(ben), isOwnerId(acme)]).toEqual([true, true]);
});

test('either is found again, and never taken for the other', () => {
  expect([tenantOf(acme), tenantOf(ben)]).toEqual(['t_acme', undefined]);
  expect([isDj(ben), isDj(acme)]).toEqual([true, false]);
  expect([djOf(ben), djOf(acme), djOf(null), djOf(undefined)]).toEqual(['dj-ben', null, null, null]);
  // A DJ may have chosen an id that looks like a tenant's.
  const lookalike: OwnerId = 't_acme' as DjProfileId;
  expect([isDj(lookalike), tenantOf(lookalike), lookalike === acme]).toEqual([true, undefined, false]);
});

test.each(['', '~', '~t_', '~acme', '~~t_acme', 't_a#b', '#PLATFORM', '#DJS', 'dj ben'])(
  '"%s" is no owner',
  (text) => {
    expect(isOwnerId(text)).toBe(false);
  },
);
