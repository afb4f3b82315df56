import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { type BuyDeps, buyNumber, intoPool, PurchaseRefused, refuseWhenStopped } from './buy-number.ts';
import type { NumberRepository } from './number.repository.ts';
import { reclaimDays, type VirtualNumber } from './number.ts';
import type { PurchaseCounter } from './purchase-counter.ts';

export interface ReclaimDeps extends BuyDeps {
  numbers: Pick<NumberRepository, 'findBySid' | 'find' | 'save'>;
  purchases: Pick<PurchaseCounter, 'reserve'>;
}

/**
 * Buys a number back that was released in the last ten days; it comes into the pool with a new sid.
 * @throws Failure NOT_FOUND, ILLEGAL_STATE (not released, too long ago, or Twilio refuses), PURCHASE_CAP_REACHED,
 *   PURCHASES_STOPPED; TwilioFailure
 */
export async function reclaimNumber(
  deps: ReclaimDeps,
  sid: PhoneNumberSid,
  actor: string,
): Promise<VirtualNumber> {
  const number = await deps.numbers.findBySid(sid);
  if (number === undefined) throw new Failure('NOT_FOUND', 'No number has this sid');
  if (number.sid !== sid) {
    throw new Failure(
      'ILLEGAL_STATE',
      `The number was bought back already; it is ${number.sid ?? 'being bought'} now`,
    );
  }
  if (number.status !== 'released') {
    throw new Failure('ILLEGAL_STATE', `A number that is ${number.status} cannot be bought back`);
  }
  const now = deps.now();
  if (addSeconds(new Date(number.stateAt), reclaimDays * 86_400) < now) {
    throw new Failure(
      'ILLEGAL_STATE',
      `It was released over ${reclaimDays} days ago, Twilio keeps it no longer; buy another one`,
    );
  }
  await refuseWhenStopped(deps.switches);
  await deps.purchases.reserve(1, now);
  try {
    const cause = { actor, reason: 'bought back after its release' };
    return await buyNumber(deps, { phoneNumber: number.phoneNumber }, cause, intoPool);
  } catch (error) {
    if (!(error instanceof PurchaseRefused)) throw error;
    throw new Failure('ILLEGAL_STATE', `Twilio does not sell it back: ${error.message}`, { cause: error });
  }
}
