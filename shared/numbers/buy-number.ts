import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { type E164, newId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { Carrier, OwnedNumber } from '#shared/twilio/numbers.ts';
import { TwilioRefusal } from '#shared/twilio/rest.ts';
import { NumberChanged, type NumberRepository } from './number.repository.ts';
import {
  type Act,
  type Bought,
  completePurchase,
  failPurchase,
  startPurchase,
  type VirtualNumber,
} from './number.ts';

export interface BuyDeps {
  numbers: Pick<NumberRepository, 'find' | 'save'>;
  carrier: Pick<Carrier, 'buy' | 'registerForSms'>;
  now(): Date;
}

/** This very number cannot be had; another one may. */
export class PurchaseRefused extends Error {
  /** Twilio's code, or `claimed` when another request of ours is buying the number. */
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'PurchaseRefused';
    this.code = code;
  }
}

/** What becomes of a number once it is bought: free for the pool, or its first holder's. */
export interface Landing {
  land(bought: VirtualNumber, now: Date): VirtualNumber;
  claimId?: string;
}

/**
 * Buys one exact number: intent in the table, then Twilio, then the result in the table. A definite refusal is
 * recorded as failed; when nobody knows what happened the intent stays, and the audit finds out.
 * @throws PurchaseRefused when this number cannot be had
 * @throws Failure TWILIO_UNAVAILABLE when the outcome is unknown, TWILIO_NOT_CONFIGURED
 */
export async function buyNumber(
  deps: BuyDeps,
  phoneNumber: E164,
  act: Act,
  landing: Landing,
): Promise<VirtualNumber> {
  const areaCode = areaCodeOf(phoneNumber) ?? '';
  const intent = startPurchase(
    {
      id: newId('num'),
      purchaseId: newId('pur'),
      phoneNumber,
      areaCode,
      region: areaOf(areaCode)?.region ?? 'none',
    },
    deps.now(),
  );
  try {
    await deps.numbers.save(undefined, intent, act);
  } catch (error) {
    if (error instanceof NumberChanged)
      throw new PurchaseRefused('claimed', 'The number is ours already', error);
    throw error;
  }

  let owned: OwnedNumber;
  try {
    owned = await deps.carrier.buy({ phoneNumber, purchaseId: intent.purchaseId });
  } catch (error) {
    if (!(error instanceof TwilioRefusal)) throw error;
    await deps.numbers.save(intent, failPurchase(intent, deps.now()), {
      actor: act.actor,
      reason: `Twilio refused (${error.code}): ${error.message}`,
    });
    throw new PurchaseRefused(String(error.code), error.message, error);
  }

  const now = deps.now();
  const bought = completePurchase(intent, await describe(deps, owned), now);
  const landed = { ...landing.land(bought, now), revision: intent.revision + 1 };
  await deps.numbers.save(intent, landed, act, landing.claimId);
  return landed;
}

async function describe({ carrier }: BuyDeps, owned: OwnedNumber): Promise<Bought> {
  let registered = false;
  try {
    registered = await carrier.registerForSms(owned.sid);
  } catch (error) {
    log.warn(
      'the number is bought but not in the Messaging Service, the audit will report it',
      error as Error,
    );
  }
  return {
    sid: owned.sid,
    capabilities: owned.capabilities,
    smsStatus: registered ? 'ready' : 'unregistered',
    friendlyName: owned.friendlyName === '' ? null : owned.friendlyName,
  };
}
