import { Failure } from '#shared/failure.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { type FreeDeps, freeIn, freeNear } from './free-offers.ts';
import type { NumberRepository } from './number.repository.ts';
import type { HeldNumber } from './number.ts';
import type { Offers, Wish } from './offer.ts';
import { forSaleIn, forSaleNear, isOutOfStock, type SaleDeps } from './purchase-offers.ts';
import { type RestPolicy, restOn } from './rest.ts';
import type { Usage } from './usage.ts';

export interface OfferDeps extends FreeDeps, SaleDeps {
  numbers: Pick<NumberRepository, 'free' | 'inState' | 'findBySid'>;
  usage: Pick<Usage, 'of'>;
  policy: RestPolicy & { earlyUse: boolean };
}

/**
 * The order in which a DJ is offered numbers. A DJ whose own number cools: that one; with another area code wished for,
 * one that is free there or for sale there before it. Any other DJ: a free one near, one for sale near, and where the
 * policy allows it one whose rest is not over. Where a number is chosen, that one and no other.
 */
export async function* offerNumbers(
  deps: OfferDeps,
  wish: Wish,
  own: HeldNumber | undefined,
): Offers<Failure> {
  if (wish.chosen !== undefined && own?.sid !== wish.chosen) return yield* chosen(deps, wish.chosen);
  if (own === undefined) {
    yield* freeNear(deps, wish);
    const end = yield* forSaleNear(deps, wish);
    if (deps.policy.earlyUse && isOutOfStock(end)) yield* resting(deps);
    return end;
  }
  const { areaCode } = wish;
  let reason = "It was the DJ's number and still cools";
  if (areaCode !== undefined && areaCode !== own.areaCode && wish.chosen === undefined) {
    yield* freeIn(deps, areaCode);
    const end = yield* forSaleIn(deps, areaCode, wish);
    if (end.code !== 'NO_NUMBERS_AVAILABLE') return end;
    reason += `; none is available in area code ${areaCode}`;
  }
  const miss = yield { source: 'own-cooling', number: own, reason };
  return new Failure('IN_PROGRESS', 'The number was changed at the same moment; read it and try again', {
    cause: miss,
  });
}

/** The number of the pool with this sid, if it is free. */
async function* chosen({ numbers }: Pick<OfferDeps, 'numbers'>, sid: PhoneNumberSid): Offers<Failure> {
  const number = await numbers.findBySid(sid);
  // What a tenant has is none of the pool.
  if (number === undefined || number.sid !== sid || number.use !== 'dj')
    return new Failure('NOT_FOUND', 'No number of the pool has this sid');
  if (number.status !== 'available')
    return new Failure('NUMBER_UNAVAILABLE', `The number is not free: it is ${number.status}`);
  const miss = yield { source: 'pool', number, reason: 'Free, and chosen by its sid' };
  return new Failure('NUMBER_UNAVAILABLE', 'Somebody else was given the number at the same moment', {
    cause: miss,
  });
}

const restingCandidates = 10;

/** Numbers whose rest would end soonest and that nobody called lately; the DJ who had one loses it. */
async function* resting(deps: OfferDeps): Offers {
  const { numbers } = await deps.numbers.inState('cooling', { limit: restingCandidates });
  for (const number of numbers) {
    if (restOn(await deps.usage.of(number.phoneNumber), deps.policy, deps.now()) !== undefined) continue;
    const reason = `It has rested since ${number.since}; none is free and none is to be bought`;
    yield { source: 'early', number, reason };
  }
}
