import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { addSeconds } from '#shared/clock.ts';
import { type NumberId, newId } from '#shared/id.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import {
  type Bought,
  completePurchase,
  completeRelease,
  endCooling,
  extendCooling,
  failPurchase,
  registerForSms,
  startPurchase,
  type VirtualNumber,
} from '#shared/numbers/number.ts';
import type { Strays } from '#shared/numbers/strays.ts';
import { type Carrier, type OwnedNumber, readPurchaseMark } from '#shared/twilio/numbers.ts';
import type { Drift } from './drifts.ts';

export interface RepairDeps {
  numbers: Pick<NumberRepository, 'save'>;
  carrier: Pick<Carrier, 'configure' | 'registerForSms' | 'release'>;
  strays: Pick<Strays, 'lastOf'>;
  now(): Date;
}

/** A number that was called this recently rests on, whoever dialled it means its last DJ. */
const quietDays = 14;
const actor = 'audit';

/**
 * Repairs a drift where that is safe; answers whether it is gone. What needs a person's judgement stays: a number that
 * Twilio lost, one that nobody marked as ours, one that idles.
 * @throws NumberChanged when somebody else changed the number in between; what the carrier throws
 */
export async function repair(
  deps: RepairDeps,
  drift: Drift,
  stored: VirtualNumber | undefined,
  owned: OwnedNumber | undefined,
): Promise<boolean> {
  switch (drift.kind) {
    case 'wrong-webhook':
      if (owned === undefined) return false;
      await deps.carrier.configure(owned.sid);
      return true;
    case 'not-in-messaging-service':
      return stored !== undefined && register(deps, stored);
    case 'purchase-stuck':
      return stored !== undefined && finishPurchase(deps, stored, owned);
    case 'unmanaged':
      return owned !== undefined && adopt(deps, owned);
    case 'release-stuck':
      return stored !== undefined && finishRelease(deps, stored, owned);
    case 'cooling-over':
      return stored !== undefined && endRest(deps, stored);
    default:
      return false;
  }
}

async function register(deps: RepairDeps, stored: VirtualNumber): Promise<boolean> {
  if (stored.sid === null || !(await deps.carrier.registerForSms(stored.sid))) return false;
  if (stored.smsStatus !== 'ready') {
    const ready = registerForSms(stored, deps.now());
    await deps.numbers.save(stored, ready, { actor, reason: 'joined the Messaging Service' });
  }
  return true;
}

/** A purchase whose lease is over: Twilio has the number, so it is free, or it has not, so nothing was bought. */
async function finishPurchase(deps: RepairDeps, stored: VirtualNumber, owned: OwnedNumber | undefined) {
  if (owned === undefined) {
    const failed = failPurchase(stored, deps.now());
    await deps.numbers.save(stored, failed, { actor, reason: 'Twilio never sold it' });
    return true;
  }
  await deps.carrier.configure(owned.sid);
  const free = completePurchase(stored, await describe(deps, owned), deps.now());
  await deps.numbers.save(stored, free, { actor, reason: 'the purchase broke off, Twilio has the number' });
  return true;
}

/** A number that carries the mark of a purchase of this stage, which the table has lost or given up. */
async function adopt(deps: RepairDeps, owned: OwnedNumber): Promise<boolean> {
  const mark = readPurchaseMark(owned.friendlyName);
  if (mark === undefined) return false;
  const areaCode = areaCodeOf(owned.phoneNumber) ?? '';
  const id: NumberId = newId('num');
  const region = areaOf(areaCode)?.region ?? 'none';
  const wanted = { id, purchaseId: mark.purchaseId, phoneNumber: owned.phoneNumber, areaCode, region };
  const intent = startPurchase(wanted, deps.now());
  await deps.numbers.save(undefined, intent, { actor, reason: 'Twilio has a number with our mark' });
  return finishPurchase(deps, intent, owned);
}

async function describe(deps: RepairDeps, owned: OwnedNumber): Promise<Bought> {
  return {
    sid: owned.sid,
    capabilities: owned.capabilities,
    friendlyName: owned.friendlyName,
    smsStatus: (await deps.carrier.registerForSms(owned.sid)) ? 'ready' : 'unregistered',
  };
}

async function finishRelease(deps: RepairDeps, stored: VirtualNumber, owned: OwnedNumber | undefined) {
  if (owned !== undefined) await deps.carrier.release(owned.sid);
  const released = completeRelease(stored, deps.now());
  await deps.numbers.save(stored, released, { actor, reason: 'the release had broken off' });
  return true;
}

async function endRest(deps: RepairDeps, stored: VirtualNumber): Promise<boolean> {
  const now = deps.now();
  const lastStray = await deps.strays.lastOf(stored.phoneNumber);
  const quietSince = addSeconds(now, -quietDays * 86_400);
  if (lastStray !== undefined && lastStray > quietSince) {
    const until = addSeconds(lastStray, quietDays * 86_400);
    const reason = `still called, last at ${lastStray.toISOString()}`;
    await deps.numbers.save(stored, extendCooling(stored, until, now), { actor, reason });
    return true;
  }
  await deps.numbers.save(stored, endCooling(stored, now), { actor, reason: 'its rest is over' });
  return true;
}
