import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { type DjProfileId, isDjProfileId } from '#shared/id.ts';
import type { Role } from './route.ts';

/** Who is calling, as the verified token says. */
export interface Principal {
  role: Role;
  /** The token's subject: a person's or machine client's id. */
  subject: string;
  /** The DJ that a `dj` is; no other role has one. */
  djProfileId?: DjProfileId;
  /** When the person last typed a password (claim `auth_time`), if the token says. */
  signedInAt?: Date;
}

interface ClaimPaths {
  roles: string[];
  scopes: string[];
  dj: string[];
  serviceScope: string;
}

/** Where the token keeps its claims; configuration, so that any OIDC provider serves. */
export function claimPaths(): ClaimPaths {
  const path = (name: string) => JSON.parse(requireEnv(name)) as string[];
  return {
    roles: path('IDENTITY_ROLES_CLAIM'),
    scopes: path('IDENTITY_SCOPES_CLAIM'),
    dj: path('IDENTITY_DJ_CLAIM'),
    serviceScope: requireEnv('IDENTITY_SERVICE_SCOPE'),
  };
}

/**
 * Reads the principal from a bearer token that the gateway has already verified. The token is read rather than the
 * claims the gateway passes on, since those flatten lists to `[admin dj]` and nested claims beyond recovery.
 * @throws Failure FORBIDDEN when it is no access token, names no subject, carries no role or more than one, or a DJ
 * without an id.
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
    ...(scopes.includes(paths.serviceScope) ? ['service' as const] : []),
  ];
  const [role] = roles;
  if (role === undefined)
    throw new Failure('FORBIDDEN', 'The token carries no role: admin, service or dj is needed');
  if (roles.length > 1) {
    throw new Failure('FORBIDDEN', `The token carries more than one role: ${roles.join(', ')}`);
  }
  const signedInAt = typeof claims.auth_time === 'number' ? new Date(claims.auth_time * 1000) : undefined;
  if (role !== 'dj') return { role, subject, signedInAt };
  const djProfileId = text(at(claims, paths.dj));
  if (djProfileId === undefined || !isDjProfileId(djProfileId)) {
    throw new Failure('FORBIDDEN', 'The token of a DJ must carry the id of the DJ');
  }
  return { role, subject, djProfileId, signedInAt };
}

/**
 * The DJ that a request is about: a DJ's own from the token, whatever he asks for; others must name one.
 * @throws Failure NOT_FOUND when a DJ asks for another, VALIDATION_FAILED when an admin or service names none.
 */
export function djOf(
  principal: Principal,
  asked: DjProfileId | undefined,
  place: 'query' | 'body' = 'query',
): DjProfileId {
  mustOwn(principal, asked);
  if (principal.djProfileId !== undefined) return principal.djProfileId;
  if (asked === undefined) {
    throw new Failure('VALIDATION_FAILED', undefined, {
      details: [{ path: `${place}.dj_profile_id`, message: 'is required' }],
    });
  }
  return asked;
}

/** @throws Failure NOT_FOUND when a DJ asks for what is another's */
export function mustOwn(principal: Principal, asked: string | undefined): void {
  if (principal.djProfileId !== undefined && asked !== undefined && asked !== principal.djProfileId)
    throw new Failure('NOT_FOUND');
}

/** True when `principal` may see what belongs to the DJ. */
export function mayRead(principal: Principal, djProfileId: string | null): boolean {
  return principal.djProfileId === undefined || principal.djProfileId === djProfileId;
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
 * @throws Failure SIGN_IN_AGAIN when a DJ typed the password longer than 15 minutes ago, or the token does not say when.
 */
export function mustHaveSignedInRecently(principal: Principal, now: Date): void {
  if (principal.role !== 'dj') return;
  const { signedInAt } = principal;
  if (signedInAt !== undefined && now.getTime() - signedInAt.getTime() <= recentSignInSeconds * 1000) return;
  throw new Failure('SIGN_IN_AGAIN');
}
