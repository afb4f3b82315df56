import { randomUUID } from 'node:crypto';
import { addSeconds } from '#shared/clock.ts';
import { Failure, type FailureCode, failures, isFailureCode } from '#shared/failure.ts';
import type { E164, OrderId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import {
  type BuyDeps,
  buyNumber,
  intoPool,
  PurchaseRefused,
  refuseWhenStopped,
} from '#shared/numbers/buy-number.ts';
import type { VirtualNumber } from '#shared/numbers/number.ts';
import type { PurchaseCounter } from '#shared/numbers/purchase-counter.ts';
import type { Carrier } from '#shared/twilio/numbers.ts';
import { TwilioBusy, TwilioFailure } from '#shared/twilio/twilio-failure.ts';
import type { OrderRepository, Wanted } from './order.repository.ts';

export interface BuyManyDeps extends BuyDeps {
  carrier: Pick<Carrier, 'search' | 'buy' | 'registerForSms'>;
  purchases: Pick<PurchaseCounter, 'reserve' | 'giveBack'>;
  orders: Pick<OrderRepository, 'lock' | 'unlock'>;
  /** Resolves after so many seconds, or when the signal ends it. */
  pause(seconds: number, signal: AbortSignal): Promise<void>;
}

export interface FailedPurchase {
  phoneNumber: E164 | null;
  /** A code of ours, or `not_attempted`. */
  code: string;
  reason: string;
}

/** Purchases under way at once: well below Twilio's limit of concurrent requests. */
export const parallelMax = 4;
/** No new purchase begins after this: one takes 5 s at most. */
const beginSecondsMax = 20;
/** The answer is given then, whatever still hangs: API Gateway gives up at 30 s. */
const answerSeconds = 25;
/** Longer than the request can live. */
const lockSeconds = 60;
/** Twilio answers a search with at most so many numbers. */
const searchMax = 30;

/**
 * Buys up to `count` numbers while somebody waits, in the area code if one is given and nowhere else. What could not be
 * bought is told with its reason; what was bought is in the pool even if the request dies.
 * @throws Failure PURCHASES_STOPPED, PURCHASE_IN_PROGRESS, PURCHASE_CAP_REACHED, TwilioFailure (the search failed)
 */
export async function buyNumbers(
  deps: BuyManyDeps,
  { actor, ...wanted }: Wanted & { actor: string },
): Promise<{ bought: VirtualNumber[]; failed: FailedPurchase[] }> {
  await refuseWhenStopped(deps.switches);
  const holder = randomUUID();
  const now = deps.now();
  try {
    await deps.orders.lock(wanted, holder, now, addSeconds(now, lockSeconds));
    return await buyInTime(deps, wanted, actor);
  } finally {
    await orWarn(
      'lock of a purchase not given back, its lease sets it free',
      deps.orders.unlock(wanted, holder),
    );
  }
}

/** What is bought is bought: that something after it failed must not hide it. */
async function orWarn(consequence: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.warn(consequence, error as Error);
  }
}

async function buyInTime(deps: BuyManyDeps, { count, areaCode }: Wanted, actor: string) {
  const startedAt = deps.now();
  const limit = Math.min(searchMax, count + 10);
  const offered = await deps.carrier.search({ areaCode, limit });
  const reserved = Math.min(count, offered.length);
  if (reserved > 0) await deps.purchases.reserve(reserved, startedAt);
  const candidates = offered.map(({ phoneNumber }) => phoneNumber);
  const bought: VirtualNumber[] = [];
  const failed: FailedPurchase[] = [];
  const hanging = new Set<E164>();
  const inTime = new AbortController();
  let begun = 0;
  let refusal: string | undefined;

  async function buyOne(): Promise<void> {
    for (let phoneNumber = candidates.shift(); phoneNumber !== undefined; phoneNumber = candidates.shift()) {
      hanging.add(phoneNumber);
      const outcome = await attempt(deps, { phoneNumber }, actor);
      hanging.delete(phoneNumber);
      if (inTime.signal.aborted) return;
      if ('number' in outcome) bought.push(outcome.number);
      else if (outcome.another) {
        refusal = outcome.reason;
        continue;
      } else failed.push({ phoneNumber, code: outcome.code, reason: outcome.reason });
      return;
    }
    failed.push({ phoneNumber: null, code: 'NO_NUMBERS_AVAILABLE', reason: noneLeft(areaCode, refusal) });
  }

  async function buyInTurn(): Promise<void> {
    const late = addSeconds(startedAt, beginSecondsMax);
    while (begun < count && !inTime.signal.aborted && deps.now() < late) {
      begun++;
      await buyOne();
    }
  }
  const all = Promise.all(Array.from({ length: Math.min(parallelMax, count) }, buyInTurn));
  try {
    await Promise.race([all, deps.pause(answerSeconds, inTime.signal)]);
  } finally {
    inTime.abort();
  }
  for (const phoneNumber of hanging) {
    failed.push({
      phoneNumber,
      code: 'TWILIO_UNAVAILABLE',
      reason: `Twilio has not answered; ${unknownEnd}`,
    });
  }
  for (; begun < count; begun++) failed.push(notAttempted);
  const unused = reserved - bought.length - failed.filter(mayBeBought).length;
  await orWarn("the day's purchases are counted too high", deps.purchases.giveBack(unused, startedAt));
  return { bought, failed };
}

const unknownEnd = 'whether it was bought is unknown, the next audit will tell';
const notAttempted: FailedPurchase = {
  phoneNumber: null,
  code: 'not_attempted',
  reason: 'The request ran out of time; ask again',
};

/** True when nobody knows whether it was bought, so that asking again could buy too much. */
export function mayBeBought({ code, phoneNumber }: FailedPurchase): boolean {
  return (code === 'TWILIO_UNAVAILABLE' || code === 'OVERLOADED') && phoneNumber !== null;
}

/** All that failed as one failure: in the words of the first of ours that is worth another try, else that none were to be had. */
export function failureOf(failed: readonly FailedPurchase[]): Failure {
  const known = failed.find(({ code }) => isFailureCode(code) && failures[code].status === 503);
  return known === undefined
    ? new Failure('NO_NUMBERS_AVAILABLE')
    : new Failure(known.code as FailureCode, known.reason);
}

/** What to tell of a search that found nothing, or nothing that could be had: the last refusal says why. */
export function noneLeft(areaCode: string | undefined, refusal?: string): string {
  const where = areaCode === undefined ? 'to sell' : `in area code ${areaCode}`;
  return refusal === undefined
    ? `The carrier has no number ${where}`
    : `The carrier has no other number ${where}; of the last one it said: ${refusal}`;
}

/** One purchase: the number; or that another may be tried; or that this one is spent, bought or not. */
export type Attempt =
  | { number: VirtualNumber }
  | { another: true; code: string; reason: string }
  | { another: false; code: string; reason: string; busy: boolean };

/** Buys one number for the pool. What a client may be told of is answered, other errors are thrown. */
export async function attempt(
  deps: BuyDeps,
  wanted: { phoneNumber: E164; orderId?: OrderId },
  actor: string,
): Promise<Attempt> {
  try {
    return { number: await buyNumber(deps, wanted, { actor, reason: 'bought for the pool' }, intoPool) };
  } catch (error) {
    if (error instanceof PurchaseRefused) return { another: true, code: error.code, reason: error.message };
    if (!(error instanceof Failure) || error.code === 'INTERNAL') throw error;
    const busy = error instanceof TwilioBusy;
    const unknown =
      (error instanceof TwilioFailure && error.next === 'unknown') || error.code === 'OVERLOADED';
    const reason = unknown ? `${error.message}; ${unknownEnd}` : error.message;
    return { another: false, code: error.code, reason, busy };
  }
}
