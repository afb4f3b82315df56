import { adoptNumber, finishPurchase } from '#shared/numbers/finish-purchase.ts';
import { completeRelease, failPurchase, setSmsStatus, type VirtualNumber } from '#shared/numbers/number.ts';
import { type Carrier, type OwnedNumber, readPurchaseMark } from '#shared/twilio/numbers.ts';
import type { Drift } from './drifts.ts';
import { type EndRestDeps, endRest } from './end-rest.ts';

export interface RepairDeps extends EndRestDeps {
  carrier: Pick<Carrier, 'configure' | 'registerForSms' | 'release' | 'deliverToNumbers'>;
}

/** What became of a drift. */
export interface Repaired {
  gone: boolean;
  /** Why it is not, where that helps who reads it. */
  note?: string;
}

const actor = 'audit';

/**
 * Repairs a drift where that is safe. What needs a person's judgement stays: a number that Twilio lost, one that nobody
 * marked as ours, one that idles.
 * @throws NumberChanged when somebody else changed the number in between; what the carrier throws
 */
export async function repair(
  deps: RepairDeps,
  drift: Drift,
  stored: VirtualNumber | undefined,
  owned: OwnedNumber | undefined,
): Promise<Repaired> {
  switch (drift.kind) {
    case 'wrong-webhook':
      if (owned === undefined) return { gone: false };
      await deps.carrier.configure(owned.sid);
      return { gone: true };
    case 'service-webhook':
      await deps.carrier.deliverToNumbers();
      return { gone: true };
    case 'not-in-messaging-service':
      return stored === undefined ? { gone: false } : register(deps, stored);
    case 'purchase-stuck':
      return { gone: stored !== undefined && (await endPurchase(deps, stored, owned)) };
    case 'unmanaged':
      return { gone: owned !== undefined && (await adopt(deps, owned)) };
    case 'release-stuck':
      return { gone: stored !== undefined && (await finishRelease(deps, stored, owned)) };
    case 'cooling-over':
      if (stored === undefined) return { gone: false };
      await endRest(deps, stored, actor);
      return { gone: true };
    case 'numbers-unreadable':
    case 'messaging-service-unreadable':
    case 'missing':
    case 'sms-refused':
    case 'cooling-long':
    case 'idle':
    case 'buffer-below-target':
    case 'claim-left-over':
    case 'holder-mismatch':
    case 'call-never-ended':
      return { gone: false };
  }
}

async function register(deps: RepairDeps, stored: VirtualNumber): Promise<Repaired> {
  if (stored.sid === null) return { gone: false };
  const registration = await deps.carrier.registerForSms(stored.sid);
  if (registration === 'full') {
    return { gone: false, note: 'The service takes no more numbers (Twilio 21714): set up another' };
  }
  if (registration !== 'ready') return { gone: false };
  if (stored.smsStatus === 'unregistered') {
    const ready = setSmsStatus(stored, 'ready', deps.now());
    await deps.numbers.save(stored, ready, { actor, reason: 'joined the Messaging Service' });
  }
  return { gone: true };
}

/** A purchase whose lease is over: Twilio has the number, so it is free, or it has not, so nothing was bought. */
async function endPurchase(deps: RepairDeps, stored: VirtualNumber, owned: OwnedNumber | undefined) {
  if (owned === undefined) {
    const failed = failPurchase(stored, deps.now());
    await deps.numbers.save(stored, failed, { actor, reason: 'Twilio never sold it' });
  } else {
    await finishPurchase(deps, stored, owned, {
      actor,
      reason: 'the purchase broke off, Twilio has the number',
    });
  }
  return true;
}

/** A number that carries the mark of a purchase of this stage, which the table has lost or given up. */
async function adopt(deps: RepairDeps, owned: OwnedNumber): Promise<boolean> {
  const mark = readPurchaseMark(owned.friendlyName);
  if (mark === undefined) return false;
  await adoptNumber(deps, owned, { actor, reason: 'Twilio has a number with our mark' }, mark.purchaseId);
  return true;
}

async function finishRelease(deps: RepairDeps, stored: VirtualNumber, owned: OwnedNumber | undefined) {
  // First, since it refuses a number that is not being released any more: that one must not be given back.
  const released = completeRelease(stored, deps.now());
  if (owned !== undefined) await deps.carrier.release(owned.sid);
  await deps.numbers.save(stored, released, { actor, reason: 'the release had broken off' });
  return true;
}
