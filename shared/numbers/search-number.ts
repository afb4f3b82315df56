import type * as z from 'zod';
import { Failure } from '#shared/failure.ts';
import { belongingTo, mayAccess, type Scoped } from '#shared/http/scope.ts';
import type { E164, OwnerId } from '#shared/id.ts';
import { djOf, tenantOf } from '#shared/owner.ts';
import type { foundNumberReply } from './fields.ts';
import { holdersOf } from './holders-of.ts';
import type { NumberRepository } from './number.repository.ts';
import { ownerOf } from './number.ts';

type Found = z.input<typeof foundNumberReply>;

export interface SearchDeps {
  numbers: Pick<NumberRepository, 'find' | 'history'>;
}

/** Changes of a number that are read for its holders: years of them. */
const changesRead = 1000;

/**
 * Who holds a number of ours, its state, and who held it before. What the principal may not see is not there.
 * @throws Failure NOT_FOUND
 */
export async function searchNumber(
  { numbers }: SearchDeps,
  principal: Scoped,
  phoneNumber: E164,
): Promise<Found> {
  const [number, { changes, next }] = await Promise.all([
    numbers.find(phoneNumber),
    numbers.history(phoneNumber, changesRead),
  ]);
  if (number === undefined || !mayAccess(principal, belongingTo(ownerOf(number))))
    throw new Failure('NOT_FOUND', 'This number is not one of ours, and never was');
  const seen = holdersOf(changes).filter(({ owner }) => mayAccess(principal, { owner }));
  return {
    phone_number: number.phoneNumber,
    phone_number_sid: number.sid,
    status: number.status,
    since: number.since,
    use: number.use,
    area_code: number.areaCode,
    sms_status: number.smsStatus,
    ...whose(ownerOf(number)),
    display_name: number.holder?.displayName ?? null,
    former_dj_profile_id: number.formerDj,
    holders: seen.map(({ owner, since, until }) => ({ ...whose(owner), since, until })),
    older_holders: next !== undefined,
  };
}

function whose(owner: OwnerId | null) {
  const tenantId = owner === null ? undefined : tenantOf(owner);
  return { dj_profile_id: djOf(owner), tenant_id: tenantId ?? null };
}
