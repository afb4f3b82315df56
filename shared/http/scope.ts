import { Failure } from '#shared/failure.ts';
import type { DjProfileId, OwnerId, UserId } from '#shared/id.ts';
import { isDj } from '#shared/owner.ts';

/** How far a principal reaches: everywhere; to all DJs and no tenant; to what one owner has; to what one user of a tenant has. */
export type Scope =
  | { kind: 'all' }
  | { kind: 'djs' }
  | { kind: 'owner'; owner: OwnerId }
  | { kind: 'user'; owner: OwnerId; userId: UserId };

/** Whoever has a scope: a principal. */
export interface Scoped {
  scope: Scope;
}

/**
 * Whose something is: an owner's, or that of one user of the owner; nobody's, such as a call to a number that nobody
 * held; or everybody's together, such as a file of all calls.
 */
export type Belonging = { owner: OwnerId; userId?: UserId } | 'nobody' | 'everybody';

/** Whose a thing is that stores its owner, if it has one. */
export function belongingTo(owner: OwnerId | null | undefined): Belonging {
  return owner == null ? 'nobody' : { owner };
}

/** The one place that decides whether a principal may see or change something. What it does not know, it denies. */
export function mayAccess({ scope }: Scoped, thing: Belonging): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'djs':
      return thing === 'nobody' || (thing !== 'everybody' && isDj(thing.owner));
    case 'owner':
      return typeof thing === 'object' && thing.owner === scope.owner;
    case 'user':
      return (
        typeof thing === 'object' &&
        thing.owner === scope.owner &&
        thing.userId !== undefined &&
        thing.userId === scope.userId
      );
    default:
      return noAccess(scope);
  }
}

/** A kind of scope that is added must be decided above; at run time an unknown one sees nothing. */
function noAccess(_scope: never): false {
  return false;
}

/**
 * The DJ that a request is about: for a DJ always himself, named or not; others must name one.
 * @throws Failure NOT_FOUND when it is another's than the principal may see, VALIDATION_FAILED when nobody is named
 */
export function djAsked(
  principal: Scoped,
  asked: DjProfileId | undefined,
  place: 'query' | 'body' = 'query',
): DjProfileId {
  const dj = djAskedIfAny(principal, asked);
  if (dj !== undefined) return dj;
  throw new Failure('VALIDATION_FAILED', undefined, {
    details: [{ path: `${place}.dj_profile_id`, message: 'is required' }],
  });
}

/**
 * The same where it may be left out by whoever sees all DJs: undefined then.
 * @throws Failure NOT_FOUND when it is another's than the principal may see, or the principal is no DJ and sees no DJs
 */
export function djAskedIfAny(principal: Scoped, asked: DjProfileId | undefined): DjProfileId | undefined {
  if (asked !== undefined) {
    if (mayAccess(principal, { owner: asked })) return asked;
    throw new Failure('NOT_FOUND');
  }
  const { scope } = principal;
  if (scope.kind === 'owner' && isDj(scope.owner)) return scope.owner;
  if (scope.kind === 'all' || scope.kind === 'djs') return undefined;
  throw new Failure('NOT_FOUND');
}
