import { Failure } from '#shared/failure.ts';
import { belongingTo, mayAccess, type Scoped } from '#shared/http/scope.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import type { NumberRepository } from './number.repository.ts';
import { ownerOf, type VirtualNumber } from './number.ts';

/**
 * The number that somebody names by its SID; one that they may not see is not there.
 * @throws Failure NOT_FOUND
 */
export async function numberFor(
  deps: { numbers: Pick<NumberRepository, 'findBySid'> },
  principal: Scoped,
  sid: PhoneNumberSid,
): Promise<VirtualNumber> {
  const number = await deps.numbers.findBySid(sid);
  if (number === undefined || !mayAccess(principal, belongingTo(ownerOf(number))))
    throw new Failure('NOT_FOUND', 'No number has this sid');
  return number;
}
