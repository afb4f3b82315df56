import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { Failure } from '#shared/failure.ts';
import type { E164 } from '#shared/id.ts';
import {
  type BuyDeps,
  buyNumber,
  intoPool,
  PurchaseRefused,
  refuseWhenStopped,
} from '#shared/numbers/buy-number.ts';
import { isOurs, type VirtualNumber } from '#shared/numbers/number.ts';
import type { PurchaseCounter } from '#shared/numbers/purchase-counter.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import { TwilioFailure } from '#shared/twilio/twilio-failure.ts';

export interface BuyChosenDeps extends BuyDeps {
  carrier: Pick<Carrier, 'search' | 'buy' | 'registerForSms'>;
  purchases: Pick<PurchaseCounter, 'reserve' | 'giveBack'>;
}

/**
 * Buys exactly this number for the pool, if the carrier sells it as a local one of the US or Canada.
 * @throws Failure NUMBER_UNAVAILABLE, PURCHASES_STOPPED, PURCHASE_CAP_REACHED, IN_PROGRESS; TwilioFailure, of which `next`
 *   tells whether the outcome is unknown: then an audit finds out
 */
export async function buyChosen(
  deps: BuyChosenDeps,
  phoneNumber: E164,
  actor: string,
): Promise<VirtualNumber> {
  await refuseWhenStopped(deps.switches);
  if (isOurs(await deps.numbers.find(phoneNumber))) throw unavailable('The number is ours already');
  await mustBeForSale(deps, phoneNumber);
  const reservedAt = deps.now();
  await deps.purchases.reserve(1, reservedAt);
  try {
    const cause = { actor, reason: 'chosen, and bought for the pool' };
    return await buyNumber(deps, { phoneNumber }, cause, intoPool);
  } catch (error) {
    if (isUnsold(error)) await deps.purchases.giveBack(1, reservedAt);
    if (error instanceof PurchaseRefused) throw unavailable(error.message, error);
    throw error;
  }
}

/**
 * What the account owns is not for sale: a number that somebody bought by hand keeps its webhooks. Nor is one of another
 * kind, which would cost more.
 */
async function mustBeForSale({ carrier }: BuyChosenDeps, phoneNumber: E164): Promise<void> {
  const country = areaOf(areaCodeOf(phoneNumber) ?? '')?.country;
  const offered =
    country === undefined ? [] : await carrier.search({ country, contains: phoneNumber.slice(2), limit: 1 });
  if (offered.some((number) => number.phoneNumber === phoneNumber)) return;
  throw unavailable('The carrier does not sell this number as a local one of the US or Canada');
}

/** True when nothing was bought for certain. */
function isUnsold(error: unknown): boolean {
  if (error instanceof TwilioFailure) return error.next !== 'unknown';
  return error instanceof PurchaseRefused || (error instanceof Failure && error.code === 'PURCHASES_STOPPED');
}

function unavailable(sentence: string, cause?: unknown): Failure {
  return new Failure('NUMBER_UNAVAILABLE', sentence, { cause });
}
