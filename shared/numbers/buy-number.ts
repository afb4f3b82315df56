import { Failure } from '#shared/failure.ts';
import type { E164, OrderId, PhoneNumberSid } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import type { SwitchRepository } from '#shared/switches/switch.repository.ts';
import type { Carrier, OwnedNumber } from '#shared/twilio/numbers.ts';
import { readPurchaseMark } from '#shared/twilio/purchase-mark.ts';
import { TwilioFailure, TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import { newNumber } from './new-number.ts';
import { type Handover, NumberChanged, type NumberRepository } from './number.repository.ts';
import { type Cause, type VirtualNumber } from './number.ts';
import { type Bought, completePurchase, failPurchase, startPurchase } from './transitions.ts';

export interface BuyDeps {
  numbers: Pick<NumberRepository, 'find' | 'save'>;
  carrier: Pick<Carrier, 'buy' | 'registerForSms'>;
  switches: Pick<SwitchRepository, 'isStopped'>;
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
export interface Landing extends Handover {
  land: (bought: VirtualNumber, now: Date) => VirtualNumber;
}

/** Bought numbers go into the pool. */
export const intoPool: Landing = { land: (bought) => bought };

/**
 * Buys one exact number: intent in the table, then Twilio, then the result in the table. A definite refusal is
 * recorded as failed; when nobody knows what happened the intent stays, and the audit finds out.
 * @throws PurchaseRefused when this number cannot be had
 * @throws TwilioFailure when Twilio would sell no other number either; its `next` tells whether the outcome is unknown
 * @throws Failure PURCHASES_STOPPED; IN_PROGRESS when somebody else decided meanwhile: then the number is in the pool
 */
export async function buyNumber(
  deps: BuyDeps,
  { phoneNumber, orderId }: { phoneNumber: E164; orderId?: OrderId },
  cause: Cause,
  { land, ...handover }: Landing,
): Promise<VirtualNumber> {
  await refuseWhenStopped(deps.switches);
  const intent = startPurchase(newNumber(phoneNumber, { orderId }), deps.now());
  try {
    await deps.numbers.save(undefined, intent, cause);
  } catch (error) {
    if (error instanceof NumberChanged)
      throw new PurchaseRefused('claimed', 'The number is ours already', error);
    throw error;
  }

  let owned: OwnedNumber;
  try {
    owned = await deps.carrier.buy({ phoneNumber, purchaseId: intent.purchaseId });
  } catch (error) {
    if (!(error instanceof TwilioFailure) || error.next === 'unknown') throw error;
    const failed = failPurchase(intent, deps.now());
    await deps.numbers.save(intent, failed, { actor: cause.actor, reason: error.message });
    // What is wrong with the account or its secret is wrong with every number.
    if (!(error instanceof TwilioRefusal) || error.code !== 'TWILIO_REFUSED') throw error;
    throw new PurchaseRefused(String(error.twilioCode), error.message, error);
  }

  const now = deps.now();
  const bought = completePurchase(intent, await describe(deps, owned), now);
  const landed = { ...land(bought, now), revision: intent.revision + 1 };
  try {
    await deps.numbers.save(intent, landed, cause, handover);
    return landed;
  } catch (error) {
    if (!(error instanceof NumberChanged)) throw error;
    // The DJ got another number meanwhile: this one is paid for and free. Or an audit has finished the purchase.
    if (error.lost === 'claim') await deps.numbers.save(intent, bought, cause);
    throw new Failure('IN_PROGRESS', 'It took too long; what was bought is in the pool, try again', {
      cause: error,
    });
  }
}

/** @throws Failure PURCHASES_STOPPED when an operator has stopped all purchases */
export async function refuseWhenStopped(switches: BuyDeps['switches']): Promise<void> {
  if (await switches.isStopped('purchases')) {
    throw new Failure(
      'PURCHASES_STOPPED',
      'An operator has stopped the purchase of numbers; GET admin/switches says who and why',
    );
  }
}

async function describe({ carrier }: BuyDeps, owned: OwnedNumber): Promise<Bought> {
  return {
    sid: owned.sid,
    capabilities: owned.capabilities,
    smsStatus: await registered(carrier, owned.sid),
    friendlyName: nameOf(owned),
  };
}

/** The name that a person gave the number; our own mark is none. */
export function nameOf({ friendlyName }: OwnedNumber): string | null {
  return friendlyName === '' || readPurchaseMark(friendlyName) !== undefined ? null : friendlyName;
}

/** Registers a number for texts. One that cannot text yet still takes calls: the audit reports it and tries again. */
export async function registered(
  carrier: Pick<Carrier, 'registerForSms'>,
  sid: PhoneNumberSid,
): Promise<Bought['smsStatus']> {
  try {
    const registration = await carrier.registerForSms(sid);
    if (registration === 'full') {
      log.warn('the Messaging Service takes no more numbers (21714), the audit will report it', { sid });
    }
    return registration === 'ready' ? 'ready' : 'unregistered';
  } catch (error) {
    log.warn(
      'the number is bought but not in the Messaging Service, the audit will report it',
      error as Error,
    );
    return 'unregistered';
  }
}
