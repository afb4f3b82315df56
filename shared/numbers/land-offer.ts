import { areaOf } from '#shared/areas.ts';
import { Failure } from '#shared/failure.ts';
import { type DjProfileId, type E164, newId } from '#shared/id.ts';
import { type BuyDeps, buyNumber, PurchaseRefused } from './buy-number.ts';
import { type Claim, giveUpClaim } from './claim-dj.ts';
import { defaultSettings } from './default-settings.ts';
import { NumberChanged, type NumberRepository } from './number.repository.ts';
import { type HeldNumber, type Holder, type VirtualNumber } from './number.ts';
import type { Miss, Offer } from './offer.ts';
import { isOutOfStock } from './purchase-offers.ts';
import type { Settings } from './settings.ts';
import { assign, assignEarly } from './transitions.ts';

export interface LandDeps extends BuyDeps {
  numbers: Pick<NumberRepository, 'find' | 'save' | 'releaseClaim'>;
}

/** The DJ as the number's next holder. */
export interface Taker {
  djProfileId: DjProfileId;
  displayName: string | undefined;
  realPhoneNumber: E164;
  settings: Partial<Settings>;
  actor: string;
}

const reasons: Readonly<Record<Offer['source'], string>> = {
  'own-cooling': 'assigned to its last DJ again',
  pool: 'assigned from the pool',
  purchase: 'bought for the DJ, none was free',
  early: 'assigned before its rest was over, none was free',
};

/**
 * Gives the offered number to the DJ who was claimed. Answers the number as it is held, or why it was missed: then
 * another may be landed.
 * @throws Failure IN_PROGRESS when the claim is lost; what `buyNumber` throws but refusals of this number
 */
export async function landOffer(
  deps: LandDeps,
  taker: Taker,
  offer: Offer,
  claim: Claim,
): Promise<HeldNumber | Miss> {
  try {
    return await landed(deps, taker, offer, claim);
  } catch (error) {
    if (error instanceof PurchaseRefused || isOutOfStock(error)) return error;
    if (!(error instanceof NumberChanged)) throw error;
    if (error.lost === 'number' || offer.source === 'own-cooling') return error;
    throw new Failure('IN_PROGRESS', 'The request took too long; try again', { cause: error });
  }
}

async function landed(deps: LandDeps, taker: Taker, offer: Offer, claim: Claim): Promise<HeldNumber> {
  const cause = { actor: taker.actor, reason: reasons[offer.source] };
  const given = (number: VirtualNumber, now: Date) => assign(number, holderOf(taker, number, now), now);
  switch (offer.source) {
    case 'own-cooling': {
      // The DJ holds it already; a claim to move to another one is not needed any more.
      await giveUpClaim(deps, claim);
      const again = given(offer.number, deps.now());
      await deps.numbers.save(offer.number, again, cause);
      return again;
    }
    case 'pool': {
      const number = given(offer.number, deps.now());
      await deps.numbers.save(offer.number, number, cause, claim.handover);
      return number;
    }
    case 'purchase': {
      const landing = { ...claim.handover, land: given };
      return (await buyNumber(deps, { phoneNumber: offer.phoneNumber }, cause, landing)) as HeldNumber;
    }
    case 'early': {
      const now = deps.now();
      const number = assignEarly(offer.number, holderOf(taker, offer.number, now), now);
      await deps.numbers.save(offer.number, number, cause, claim.handover);
      return number;
    }
    default:
      return offer satisfies never;
  }
}

/** A DJ who had the number before keeps its name and settings, but for what is asked for now. */
function holderOf(taker: Taker, number: VirtualNumber, now: Date): Holder {
  const had = number.holder?.djProfileId === taker.djProfileId ? number.holder : undefined;
  const timeZone = areaOf(number.areaCode)?.timeZone ?? 'America/New_York';
  return {
    holdingId: newId('hld'),
    djProfileId: taker.djProfileId,
    displayName: taker.displayName ?? had?.displayName ?? null,
    realPhoneNumber: taker.realPhoneNumber,
    assignedAt: now.toISOString(),
    settings: { ...(had?.settings ?? defaultSettings(timeZone)), ...taker.settings },
  };
}
