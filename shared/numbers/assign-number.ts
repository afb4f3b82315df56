import type { DjProfileId, E164, PhoneNumberSid } from '#shared/id.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import type { BuyDeps } from './buy-number.ts';
import { claimDj, giveUpClaim } from './claim-dj.ts';
import { landOffer } from './land-offer.ts';
import type { NumberRepository } from './number.repository.ts';
import type { HeldNumber } from './number.ts';
import type { Offer } from './offer.ts';
import { offerNumbers } from './offer-numbers.ts';
import type { PurchaseCounter } from './purchase-counter.ts';
import type { RestPolicy } from './rest.ts';
import type { Settings } from './settings.ts';
import type { Usage } from './usage.ts';

export interface AssignDeps {
  numbers: NumberRepository;
  carrier: Pick<Carrier, 'search' | 'buy' | 'registerForSms'>;
  purchases: Pick<PurchaseCounter, 'reserve'>;
  switches: BuyDeps['switches'];
  usage: Pick<Usage, 'of'>;
  policy: RestPolicy & { earlyUse: boolean };
  now(): Date;
  /** 0 inclusive to 1 exclusive. */
  random(): number;
}

export interface AssignInput {
  djProfileId: DjProfileId;
  displayName: string | undefined;
  realPhoneNumber: E164;
  /** Wished for; without it the area code of the real number is. */
  areaCode: string | undefined;
  /** This very number of the pool and no other. */
  chosen?: PhoneNumberSid | undefined;
  settings: Partial<Settings>;
  actor: string;
}

/** How a number was found for a DJ, and why this one. */
export type Selection = Pick<Offer, 'source' | 'reason'>;

/**
 * Gives a DJ a number: the first of the offers that can be landed. The DJ is claimed first, so that two requests never
 * give one DJ two numbers; a claim that leads to no number is given up.
 * @throws Failure NUMBER_ALREADY_ASSIGNED (with the number), IN_PROGRESS, NO_NUMBERS_AVAILABLE, NUMBER_NOT_ALLOWED,
 *   PURCHASES_STOPPED, PURCHASE_CAP_REACHED; of a chosen number NOT_FOUND, NUMBER_UNAVAILABLE; TwilioFailure
 */
export async function assignNumber(
  deps: AssignDeps,
  input: AssignInput,
): Promise<{ number: HeldNumber; selection: Selection }> {
  const claim = await claimDj(deps, input);
  try {
    const offers = offerNumbers(deps, input, claim.own);
    let next = await offers.next();
    while (!next.done) {
      const { source, reason } = next.value;
      const landed = await landOffer(deps, input, next.value, claim);
      if (!(landed instanceof Error)) return { number: landed, selection: { source, reason } };
      next = await offers.next(landed);
    }
    throw next.value;
  } catch (error) {
    await giveUpClaim(deps, claim);
    throw error;
  }
}
