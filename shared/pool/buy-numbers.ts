import { Failure } from '#shared/failure.ts';
import type { E164 } from '#shared/id.ts';
import { type BuyDeps, buyNumber, intoPool, PurchaseRefused } from '#shared/numbers/buy-number.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import type { PurchaseCounter } from './purchase-counter.ts';

export interface BuyManyDeps extends BuyDeps {
  carrier: Pick<Carrier, 'search' | 'buy' | 'registerForSms'>;
  purchases: PurchaseCounter;
}

export interface FailedPurchase {
  phoneNumber: string | null;
  code: string;
  reason: string;
}

/** Purchases under way at once: well below Twilio's limit of concurrent requests. */
const atOnce = 4;
/** No new purchase begins after this, so that the answer comes before API Gateway gives up at 30 s. */
const secondsMax = 20;

/**
 * Buys up to `count` numbers, in the area code if one is given and nowhere else. What could not be bought is told with
 * its reason; what was bought is in the pool even if the request dies.
 * @throws Failure PURCHASE_CAP_REACHED, TWILIO_NOT_CONFIGURED, TWILIO_UNAVAILABLE (the search failed)
 */
export async function buyNumbers(
  deps: BuyManyDeps,
  input: { count: number; areaCode: string | undefined; actor: string },
): Promise<{ bought: VirtualNumber[]; failed: FailedPurchase[] }> {
  const startedAt = deps.now().getTime();
  const offered = await deps.carrier.search({
    areaCode: input.areaCode,
    limit: Math.min(30, input.count + 10),
  });
  if (offered.length > 0) await deps.purchases.reserve(Math.min(input.count, offered.length), deps.now());
  const candidates = offered.map(({ phoneNumber }) => phoneNumber);
  const bought: VirtualNumber[] = [];
  const failed: FailedPurchase[] = [];

  async function buyOne(): Promise<void> {
    for (let phoneNumber = candidates.shift(); phoneNumber !== undefined; phoneNumber = candidates.shift()) {
      const outcome = await attempt(deps, phoneNumber, input.actor);
      if ('number' in outcome) bought.push(outcome.number);
      else if (outcome.another) continue;
      else failed.push(outcome.failed);
      return;
    }
    failed.push({ phoneNumber: null, code: 'NO_NUMBERS_AVAILABLE', reason: noneLeft(input.areaCode) });
  }

  let begun = 0;
  async function buyInTurn(): Promise<void> {
    while (begun < input.count) {
      begun++;
      if (deps.now().getTime() - startedAt > secondsMax * 1000) {
        failed.push({
          phoneNumber: null,
          code: 'NOT_ATTEMPTED',
          reason: 'The request ran out of time; ask again',
        });
      } else {
        await buyOne();
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, input.count) }, buyInTurn));
  return { bought, failed };
}

function noneLeft(areaCode: string | undefined): string {
  return areaCode === undefined
    ? 'The carrier has no number to sell'
    : `The carrier has no number in area code ${areaCode}`;
}

type Outcome = { number: VirtualNumber } | { another: true } | { another: false; failed: FailedPurchase };

async function attempt(deps: BuyManyDeps, phoneNumber: E164, actor: string): Promise<Outcome> {
  try {
    const act = { actor, reason: 'bought for the pool' };
    return { number: await buyNumber(deps, { phoneNumber }, act, intoPool) };
  } catch (error) {
    if (error instanceof PurchaseRefused) return { another: true };
    if (error instanceof Failure && error.code !== 'INTERNAL') {
      const reason =
        error.code === 'TWILIO_UNAVAILABLE'
          ? `${error.message}; whether it was bought is unknown, the next audit will tell`
          : error.message;
      return { another: false, failed: { phoneNumber, code: error.code, reason } };
    }
    throw error;
  }
}
