import { addSeconds, secondsLeftOfDay } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import type { DjProfileId, E164, NumberId, OrderId, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import {
  type HeldNumber,
  type Holder,
  type NumberBilling,
  type NumberStatus,
  type NumberUse,
  paidStates,
  type Tenancy,
  type VirtualNumber,
} from './number.ts';
import type { Settings } from './settings.ts';

/** Seconds in which a purchase must have come to an end; after that an audit may decide. */
const purchaseLeaseSeconds = 120;

/** A number before anything is known of it but what it is. */
export interface NewNumber {
  id: NumberId;
  purchaseId: PurchaseId;
  orderId: OrderId | undefined;
  phoneNumber: E164;
  areaCode: string;
  region: string;
}

/** The intent to buy a number: written before Twilio is asked, so that no crash can lose what was bought. */
export function startPurchase(wanted: NewNumber, now: Date): VirtualNumber {
  return {
    ...wanted,
    orderId: wanted.orderId ?? null,
    revision: 1,
    sid: null,
    status: 'purchasing',
    use: 'dj',
    billing: 'platform',
    capabilities: { voice: false, sms: false, mms: false },
    smsStatus: 'unregistered',
    friendlyName: null,
    holder: null,
    tenancy: null,
    formerDj: null,
    since: now.toISOString(),
    stateAt: addSeconds(now, purchaseLeaseSeconds).toISOString(),
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
  };
}

/** What Twilio told of a number it sold. */
export type Bought = Pick<VirtualNumber, 'capabilities' | 'smsStatus' | 'friendlyName'> & {
  sid: PhoneNumberSid;
};

/** purchasing -> available */
export function completePurchase(number: VirtualNumber, bought: Bought, now: Date): VirtualNumber {
  mustBe(number, ['purchasing'], 'completed');
  return enter({ ...number, ...bought }, 'available', now, now);
}

/** purchasing -> failed */
export function failPurchase(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['purchasing'], 'marked as failed');
  return enter(number, 'failed', now, now);
}

/** available -> assigned; a cooling number goes only to the DJ who had it. */
export function assign(number: VirtualNumber, holder: Holder, now: Date): HeldNumber {
  const isTheirs = number.status === 'cooling' && number.holder?.djProfileId === holder.djProfileId;
  if (!isTheirs) mustBe(number, ['available'], 'assigned');
  return enter({ ...number, holder, formerDj: null }, 'assigned', now, now) as HeldNumber;
}

/** What a tenant gets a number for, and how it is paid. */
export interface TenantUse {
  use: Exclude<NumberUse, 'dj'>;
  billing: Exclude<NumberBilling, 'platform'>;
  tenancy: Tenancy;
}

/** available -> assigned, to a tenant. */
export function assignToTenant(number: VirtualNumber, given: TenantUse, now: Date): VirtualNumber {
  mustBe(number, ['available'], 'assigned');
  return enter({ ...number, ...given }, 'assigned', now, now);
}

/** cooling -> assigned, to another DJ before its rest is over: the one who had it has lost it. */
export function assignEarly(number: VirtualNumber, holder: Holder, now: Date): HeldNumber {
  mustBe(number, ['cooling'], 'assigned early');
  return enter({ ...number, holder, formerDj: null }, 'assigned', now, now) as HeldNumber;
}

/** assigned -> cooling, until then; its DJ gets it back at any time before. */
export function deactivate(number: VirtualNumber, until: Date, now: Date): HeldNumber {
  mustBe(number, ['assigned'], 'deactivated');
  return enter(number, 'cooling', until, now) as HeldNumber;
}

/** cooling, and its DJ moves on to another number: whoever dials this one means them. */
export function leave(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['cooling'], 'left for another');
  const formerDj: DjProfileId | null = number.holder?.djProfileId ?? null;
  return change({ ...number, holder: null, formerDj }, now);
}

/** cooling -> assigned, to the same DJ. */
export function reactivate(number: VirtualNumber, now: Date): HeldNumber {
  mustBe(number, ['cooling'], 'activated again');
  return enter(number, 'assigned', now, now) as HeldNumber;
}

/** New target, name or settings of an assigned or cooling number. */
export function reconfigure(
  number: VirtualNumber,
  wanted: Partial<Pick<Holder, 'realPhoneNumber' | 'displayName'>> & { settings?: Partial<Settings> },
  now: Date,
): HeldNumber {
  mustBe(number, ['assigned', 'cooling'], 'changed');
  const holder = number.holder as Holder;
  const changed: Holder = {
    ...holder,
    realPhoneNumber: wanted.realPhoneNumber ?? holder.realPhoneNumber,
    displayName: wanted.displayName ?? holder.displayName,
    settings: { ...holder.settings, ...wanted.settings },
  };
  return change({ ...number, holder: changed }, now) as HeldNumber;
}

/** Whoever can change the target as often as they like can have as many strangers texted, and rung. */
const targetChangesMax = 5;

/**
 * Counts a change of the forwarding target by the DJ: five a UTC day. It is counted in the number that is saved with the
 * change, so that of several changes at the same moment each counts.
 * @throws Failure RATE_LIMITED
 */
export function countTargetChange(number: HeldNumber, now: Date): HeldNumber {
  const day = now.toISOString().slice(0, 10);
  const { holder } = number;
  const before = holder.targetChanges?.day === day ? holder.targetChanges.count : 0;
  if (before >= targetChangesMax) {
    throw new Failure(
      'RATE_LIMITED',
      `The forwarding number was changed ${targetChangesMax} times today; it can be changed again after midnight UTC`,
      { retryAfterSeconds: secondsLeftOfDay(now) },
    );
  }
  return { ...number, holder: { ...holder, targetChanges: { day, count: before + 1 } } };
}

/** cooling -> available: the DJ who had it has lost it. */
export function endCooling(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['cooling'], 'freed');
  return enter({ ...number, holder: null, formerDj: null }, 'available', now, now);
}

/** cooling, for longer: somebody still dials the number. */
export function extendCooling(number: VirtualNumber, until: Date, now: Date): VirtualNumber {
  mustBe(number, ['cooling'], 'rested longer');
  return change({ ...number, stateAt: until.toISOString() }, now);
}

/**
 * A number as it comes back after a restore, when nobody knows who was given it in the meantime: it rests, so that it is
 * given to nobody else. `formerDj` is the DJ whom its callers mean, if the platform knows.
 */
export function restAfterRestore(
  number: VirtualNumber,
  { formerDj, until }: { formerDj: DjProfileId | null; until: Date },
  now: Date,
): VirtualNumber {
  return enter({ ...number, holder: null, formerDj }, 'cooling', until, now);
}

/** Notes whether the number may send texts; its state stays. */
export function setSmsStatus(
  number: VirtualNumber,
  smsStatus: VirtualNumber['smsStatus'],
  now: Date,
): VirtualNumber {
  mustBe(number, paidStates, 'registered for texts');
  return change({ ...number, smsStatus }, now);
}

/** available -> reserved: it is the sender of the platform's own texts, and no DJ's. */
export function reserve(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['available'], 'reserved');
  return enter(number, 'reserved', now, now);
}

/** reserved -> available: the platform sends from another number. */
export function endReservation(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['reserved'], 'freed for DJs');
  return enter(number, 'available', now, now);
}

/** available or cooling -> releasing */
export function startRelease(number: VirtualNumber, now: Date): VirtualNumber {
  if (number.status === 'assigned') throw new Failure('NUMBER_ASSIGNED');
  if (number.status === 'releasing') return number;
  if (number.status === 'reserved') {
    throw new Failure('ILLEGAL_STATE', "The number is reserved: it sends the platform's own texts");
  }
  mustBe(number, ['available', 'cooling'], 'released');
  return enter({ ...number, holder: null, formerDj: null }, 'releasing', now, now);
}

/** releasing -> released */
export function completeRelease(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['releasing'], 'released');
  return enter(number, 'released', now, now);
}

/** releasing -> available, when Twilio refuses for good */
export function keepAfterRefusal(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['releasing'], 'kept');
  return enter(number, 'available', now, now);
}

function enter(number: VirtualNumber, status: NumberStatus, stateAt: Date, now: Date): VirtualNumber {
  return change({ ...number, status, stateAt: stateAt.toISOString(), since: now.toISOString() }, now);
}

function change(number: VirtualNumber, now: Date): VirtualNumber {
  return { ...number, revision: number.revision + 1, updatedAt: now.toISOString() };
}

function mustBe(number: VirtualNumber, states: readonly NumberStatus[], verb: string): void {
  if (states.includes(number.status)) return;
  throw new Failure('ILLEGAL_STATE', `A number that is ${number.status} cannot be ${verb}`);
}
