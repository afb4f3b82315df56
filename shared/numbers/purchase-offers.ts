import { areaCodeOf } from '#shared/areas.ts';
import { Failure, type FailureCode, failures } from '#shared/failure.ts';
import { log } from '#shared/log.ts';
import type { Carrier, OfferedNumber } from '#shared/twilio/numbers.ts';
import { type BuyDeps, PurchaseRefused, refuseWhenStopped } from './buy-number.ts';
import type { Offers, Wish } from './offer.ts';
import type { PurchaseCounter } from './purchase-counter.ts';

export interface SaleDeps {
  carrier: Pick<Carrier, 'search'>;
  purchases: Pick<PurchaseCounter, 'reserve'>;
  switches: BuyDeps['switches'];
  now(): Date;
}

/** What the carrier sells, and the reason to give for one of these. */
interface Range {
  offered: OfferedNumber[];
  reason: string;
}

const candidatesOfSearch = 5;

/** Numbers that the carrier sells in exactly this area code. */
export function forSaleIn(deps: SaleDeps, areaCode: string, wish: Wish): Offers<Failure> {
  return forSale(deps, wish, async () => ({
    offered: await deps.carrier.search({ areaCode, limit: candidatesOfSearch }),
    reason: `Bought in area code ${areaCode}, which was asked for`,
  }));
}

/** Numbers that the carrier sells in the area code that is wished for, or anywhere when it has none there. */
export function forSaleNear(deps: SaleDeps, wish: Wish): Offers<Failure> {
  const areaCode = wish.areaCode ?? areaCodeOf(wish.realPhoneNumber);
  return forSale(deps, wish, async () => {
    const near =
      areaCode === undefined ? [] : await deps.carrier.search({ areaCode, limit: candidatesOfSearch });
    if (near.length > 0) {
      return { offered: near, reason: `Bought in area code ${areaCode}; no free number in the pool` };
    }
    return {
      offered: await deps.carrier.search({ limit: candidatesOfSearch }),
      reason: `Bought elsewhere; neither the pool nor the carrier has one in area code ${areaCode}`,
    };
  });
}

/** One purchase is counted before the first number is offered. The end is why none of them could be bought. */
async function* forSale(
  deps: SaleDeps,
  { realPhoneNumber }: Wish,
  search: () => Promise<Range>,
): Offers<Failure> {
  let refusal: PurchaseRefused | undefined;
  try {
    await refuseWhenStopped(deps.switches);
    const { offered, reason } = await search();
    // Stand-ins sell any number; one that forwards to itself would ring in circles.
    const candidates = offered.filter(({ phoneNumber }) => phoneNumber !== realPhoneNumber);
    if (candidates.length > 0) await deps.purchases.reserve(1, deps.now());
    for (const { phoneNumber } of candidates) {
      const miss = yield { source: 'purchase', phoneNumber, reason };
      if (!(miss instanceof PurchaseRefused)) throw miss;
      log.info('number could not be bought, trying the next', { code: miss.code, reason: miss.message });
      refusal = miss;
    }
  } catch (error) {
    if (isOutOfStock(error)) return error;
    throw error;
  }
  return noneForSale(refusal);
}

/** Somebody else was faster, which says nothing of the account. */
const takenCodes = ['claimed', '21422'];

function noneForSale(refusal: PurchaseRefused | undefined): Failure {
  const { title } = failures.NO_NUMBERS_AVAILABLE;
  const isTaken = refusal === undefined || takenCodes.includes(refusal.code);
  return new Failure('NO_NUMBERS_AVAILABLE', isTaken ? title : `${title}: ${refusal.message}`, {
    cause: refusal,
  });
}

const outOfStockCodes: readonly FailureCode[] = [
  'NO_NUMBERS_AVAILABLE',
  'PURCHASE_CAP_REACHED',
  'PURCHASES_STOPPED',
];

/** True when nothing is to be bought now, but may be later. */
export function isOutOfStock(error: unknown): error is Failure {
  return error instanceof Failure && outOfStockCodes.includes(error.code);
}
