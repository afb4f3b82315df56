import type { PurchaseId } from '#shared/id.ts';
import type { Carrier, OwnedNumber } from '#shared/twilio/numbers.ts';
import { nameOf, registered } from './buy-number.ts';
import { newNumber } from './new-number.ts';
import type { NumberRepository } from './number.repository.ts';
import { type Cause, type VirtualNumber } from './number.ts';
import { completePurchase, startPurchase } from './transitions.ts';

export interface FinishDeps {
  numbers: Pick<NumberRepository, 'save'>;
  carrier: Pick<Carrier, 'configure' | 'registerForSms'>;
  now(): Date;
}

/**
 * Ends a purchase whose number Twilio has: sets our webhooks and mark, registers it for texts, and frees it.
 * @throws NumberChanged; what the carrier throws
 */
export async function finishPurchase(
  deps: FinishDeps,
  intent: VirtualNumber,
  owned: OwnedNumber,
  cause: Cause,
): Promise<VirtualNumber> {
  await deps.carrier.configure(owned.sid, intent.purchaseId);
  const bought = {
    sid: owned.sid,
    capabilities: owned.capabilities,
    smsStatus: await registered(deps.carrier, owned.sid),
    friendlyName: intent.friendlyName ?? nameOf(owned),
  };
  const free = completePurchase(intent, bought, deps.now());
  await deps.numbers.save(intent, free, cause);
  return free;
}

/**
 * Takes a number that the account owns into the pool, as a purchase that Twilio has answered already: whatever breaks
 * off, an audit finishes.
 * @throws NumberChanged when it is ours already or is being bought; what the carrier throws
 */
export async function adoptNumber(
  deps: FinishDeps,
  owned: OwnedNumber,
  cause: Cause,
  purchaseId?: PurchaseId,
): Promise<VirtualNumber> {
  const wanted = newNumber(owned.phoneNumber, { purchaseId });
  const intent = { ...startPurchase(wanted, deps.now()), friendlyName: nameOf(owned) };
  await deps.numbers.save(undefined, intent, cause);
  return finishPurchase(deps, intent, owned, cause);
}
