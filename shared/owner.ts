import { type DjProfileId, isDjProfileId, isTenantId, type OwnerId, type TenantId } from './id.ts';

/** It cannot stand in a DJ's id, so that no tenant is ever taken for a DJ, nor a DJ for a tenant. */
const tenantMark = '~';

/** The tenant as owner, which is its part of every key: `~` and its id. A DJ's part is the DJ's id itself. */
export function ownerOfTenant(tenantId: TenantId): OwnerId {
  return `${tenantMark}${tenantId}` as OwnerId;
}

/** The tenant that owns; undefined when it is a DJ. */
export function tenantOf(owner: OwnerId): TenantId | undefined {
  return owner.startsWith(tenantMark) ? (owner.slice(tenantMark.length) as TenantId) : undefined;
}

/** True of a DJ, false of a tenant. */
export function isDj(owner: OwnerId): owner is DjProfileId {
  return !owner.startsWith(tenantMark);
}

/** The DJ who owns; null when it is a tenant or nobody. What the DJ API shows is this. */
export function djOf(owner: OwnerId | null | undefined): DjProfileId | null {
  return owner != null && isDj(owner) ? owner : null;
}

/** True when `text` is an owner's part of a key. */
export function isOwnerId(text: string): text is OwnerId {
  return text.startsWith(tenantMark) ? isTenantId(text.slice(tenantMark.length)) : isDjProfileId(text);
}
