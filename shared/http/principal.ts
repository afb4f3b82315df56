import { createHash } from 'node:crypto';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { isDjProfileId, isTenantId, type TenantId, type UserId } from '#shared/id.ts';
import { ownerOfTenant } from '#shared/owner.ts';
import type { Role } from './route.ts';
import type { Scope } from './scope.ts';

/** Who is calling, as the verified token says. */
export interface Principal {
  role: Role;
  /** The token's subject: a person's or machine client's id. */
  subject: string;
  /** What the principal may see and change. */
  scope: Scope;
  /** The tenant that a `user` belongs to, and what the person is in it; no other role has one. */
  membership?: Membership;
  /** When the person last typed a password (claim `auth_time`), if the token says. */
  signedInAt?: Date;
}

export const tenantRoles = ['owner', 'member'] as const;

/** A person's place in a tenant. */
export interface Membership {
  tenantId: TenantId;
  userId: UserId;
  tenantRole: (typeof tenantRoles)[number];
}

interface ClaimPaths {
  roles: string[];
  scopes: string[];
  dj: string[];
  tenant: string[];
  tenantRole: string[];
  serviceScope: string;
  /** Whether a person whose token names no tenant is one alone. */
  personalTenants: boolean;
}

/** Where the token keeps its claims; configuration, so that any OIDC provider serves. */
export function claimPaths(): ClaimPaths {
  const path = (name: string) => JSON.parse(requireEnv(name)) as string[];
  return {
    roles: path('IDENTITY_ROLES_CLAIM'),
    scopes: path('IDENTITY_SCOPES_CLAIM'),
    dj: path('IDENTITY_DJ_CLAIM'),
    tenant: path('IDENTITY_TENANT_CLAIM'),
    tenantRole: path('IDENTITY_TENANT_ROLE_CLAIM'),
    serviceScope: requireEnv('IDENTITY_SERVICE_SCOPE'),
    personalTenants: requireEnv('IDENTITY_PERSONAL_TENANTS') === 'true',
  };
}

/**
 * Reads the principal from a bearer token that the gateway has already verified. The token is read rather than the
 * claims the gateway passes on, since those flatten lists to `[admin dj]` and nested claims beyond recovery.
 * @throws Failure FORBIDDEN when it is no access token, names no subject, carries no role or more than one, or is of a DJ
 * without an id or of a user without a tenant.
 */
export function principalOf(bearer: string, paths: ClaimPaths): Principal {
  const claims = decode(bearer);
  // An ID token of Cognito passes the gateway's check of the audience too; other issuers do not say what a token is for.
  if (claims.token_use !== undefined && claims.token_use !== 'access')
    throw new Failure('FORBIDDEN', 'An access token is needed');
  const subject = text(claims.sub);
  if (subject === undefined)
    throw new Failure('FORBIDDEN', 'The token does not say whose it is: it has no sub');
  const groups = words(at(claims, paths.roles));
  const scopes = words(at(claims, paths.scopes));
  const roles: Role[] = [
    ...(groups.includes('admin') ? ['admin' as const] : []),
    ...(groups.includes('dj') ? ['dj' as const] : []),
    ...(groups.includes('user') ? ['user' as const] : []),
    ...(scopes.includes(paths.serviceScope) ? ['service' as const] : []),
  ];
  const [role] = roles;
  if (role === undefined)
    throw new Failure('FORBIDDEN', 'The token carries no role: admin, service, dj or user is needed');
  if (roles.length > 1) {
    throw new Failure('FORBIDDEN', `The token carries more than one role: ${roles.join(', ')}`);
  }
  const signedInAt = typeof claims.auth_time === 'number' ? new Date(claims.auth_time * 1000) : undefined;
  const person = { role, subject, signedInAt };
  switch (role) {
    case 'admin':
      return { ...person, scope: { kind: 'all' } };
    case 'service':
      return { ...person, scope: { kind: 'djs' } };
    case 'dj':
      return { ...person, scope: djScope(at(claims, paths.dj)) };
    case 'user': {
      const membership = membershipOf(claims, subject, paths);
      return { ...person, scope: scopeOf(membership), membership };
    }
    default:
      return role satisfies never;
  }
}

function djScope(claim: unknown): Scope {
  const djProfileId = text(claim);
  if (djProfileId === undefined || !isDjProfileId(djProfileId))
    throw new Failure('FORBIDDEN', 'The token of a DJ must carry the id of the DJ');
  return { kind: 'owner', owner: djProfileId };
}

/** An owner speaks for the tenant, a member for no one else. */
function scopeOf({ tenantId, tenantRole, userId }: Membership): Scope {
  const owner = ownerOfTenant(tenantId);
  return tenantRole === 'owner' ? { kind: 'owner', owner } : { kind: 'user', owner, userId };
}

function membershipOf(claims: Record<string, unknown>, subject: string, paths: ClaimPaths): Membership {
  const issuer = text(claims.iss);
  if (issuer === undefined)
    throw new Failure('FORBIDDEN', 'The token does not say who issued it: it has no iss');
  // Two issuers may use the same subject for two people.
  const person = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex')
    .slice(0, 32);
  const userId = `u_${person}` as UserId;
  const tenantId = at(claims, paths.tenant);
  if (tenantId === undefined && paths.personalTenants)
    return { tenantId: `t_${person}` as TenantId, userId, tenantRole: 'owner' };
  if (typeof tenantId !== 'string' || !isTenantId(tenantId))
    throw new Failure('FORBIDDEN', 'The token of a user must carry the id of a tenant, which begins with t_');
  const claimed = at(claims, paths.tenantRole) ?? 'member';
  const tenantRole = tenantRoles.find((known) => known === claimed);
  if (tenantRole === undefined)
    throw new Failure('FORBIDDEN', 'The role in the tenant must be owner or member');
  return { tenantId, userId, tenantRole };
}

function decode(bearer: string): Record<string, unknown> {
  const payload = /^Bearer [^.]+\.([^.]+)\.[^.]*$/i.exec(bearer)?.[1];
  if (payload === undefined)
    throw new Failure('FORBIDDEN', 'The Authorization header must be "Bearer <token>"');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

function at(claims: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    claims,
  );
}

/** A claim that is a list, or a text of words as OAuth scopes are. */
function words(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((entry) => typeof entry === 'string');
  return typeof claim === 'string' ? claim.split(' ') : [];
}

function text(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}

const recentSignInSeconds = 15 * 60;

/**
 * Guards what a stolen session must not do. Admins' and services' tokens pass.
 * @throws Failure SIGN_IN_AGAIN when a person typed the password longer than 15 minutes ago, or the token does not say when.
 */
export function mustHaveSignedInRecently(principal: Principal, now: Date): void {
  if (principal.role === 'admin' || principal.role === 'service') return;
  const { signedInAt } = principal;
  if (signedInAt !== undefined && now.getTime() - signedInAt.getTime() <= recentSignInSeconds * 1000) return;
  throw new Failure('SIGN_IN_AGAIN');
}
