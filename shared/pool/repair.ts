import { type EndRestDeps, endRest } from '#shared/numbers/end-rest.ts';
import { adoptNumber, finishPurchase } from '#shared/numbers/finish-purchase.ts';
import { type VirtualNumber } from '#shared/numbers/number.ts';
import { completeRelease, failPurchase, setSmsStatus } from '#shared/numbers/transitions.ts';
import type { Carrier, OwnedNumber, Registration } from '#shared/twilio/numbers.ts';
import { readPurchaseMark } from '#shared/twilio/purchase-mark.ts';
import type { Drift } from './drifts.ts';

export interface RepairDeps extends EndRestDeps {
  carrier: Pick<Carrier, 'configure' | 'registerForSms' | 'release' | 'deliverToNumbers'>;
  /** Why the API cannot be reached under its base URL; undefined when it can. Asked once an audit. */
  problemOfBaseUrl(): Promise<string | undefined>;
}

/** What became of a drift. */
export interface Repaired {
  gone: boolean;
  /** Why it is not, where that helps who reads it. */
  note?: string;
}

const actor = 'audit';

type Repair = (
  deps: RepairDeps,
  stored: VirtualNumber | undefined,
  owned: OwnedNumber | undefined,
) => Promise<Repaired>;

/** A person has to judge, or nothing is to be done. */
const leave: Repair = async () => ({ gone: false });

const repairs: Readonly<Record<Drift['kind'], Repair>> = {
  'wrong-webhook': async (deps, _stored, owned) => {
    if (owned === undefined) return { gone: false };
    const problem = await deps.problemOfBaseUrl();
    // Where its calls go now may be wrong; where nothing answers they would all be lost.
    if (problem !== undefined) return { gone: false, note: `It is left as it is: ${problem}` };
    await deps.carrier.configure(owned.sid);
    return { gone: true };
  },
  'service-webhook': async ({ carrier }) => {
    await carrier.deliverToNumbers();
    return { gone: true };
  },
  'not-in-messaging-service': async (deps, stored) =>
    stored === undefined ? { gone: false } : register(deps, stored),
  'purchase-stuck': async (deps, stored, owned) => ({
    gone: stored !== undefined && (await endPurchase(deps, stored, owned)),
  }),
  unmanaged: async (deps, _stored, owned) => ({ gone: owned !== undefined && (await adopt(deps, owned)) }),
  'release-stuck': async (deps, stored, owned) => ({
    gone: stored !== undefined && (await finishRelease(deps, stored, owned)),
  }),
  'cooling-over': async (deps, stored) => {
    if (stored === undefined) return { gone: false };
    await endRest(deps, stored, actor);
    return { gone: true };
  },
  'numbers-unreadable': leave,
  'messaging-service-unreadable': leave,
  missing: leave,
  'sms-refused': leave,
  'cooling-long': leave,
  idle: leave,
  'buffer-below-target': leave,
  'claim-left-over': leave,
  'holder-mismatch': leave,
  'call-never-ended': leave,
};

/**
 * Repairs a drift where that is safe. What needs a person's judgement stays: a number that Twilio lost, one that nobody
 * marked as ours, one that idles.
 * @throws NumberChanged when somebody else changed the number in between; what the carrier throws
 */
export function repair(
  deps: RepairDeps,
  drift: Drift,
  stored: VirtualNumber | undefined,
  owned: OwnedNumber | undefined,
): Promise<Repaired> {
  return repairs[drift.kind](deps, stored, owned);
}

const notRegistered: Readonly<Record<Exclude<Registration, 'ready'>, Repaired>> = {
  full: { gone: false, note: 'The service takes no more numbers (Twilio 21714): set up another' },
  'no-service': { gone: false },
};

async function register(deps: RepairDeps, stored: VirtualNumber): Promise<Repaired> {
  if (stored.sid === null) return { gone: false };
  const registration = await deps.carrier.registerForSms(stored.sid);
  if (registration !== 'ready') return notRegistered[registration];
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
