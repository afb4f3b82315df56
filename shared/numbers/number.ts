import * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { djProfileId, e164, phoneNumberSid } from '#shared/fields.ts';
import type { E164, NumberId, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import { capabilities, numberSettings, numberStatuses, smsStatus } from './fields.ts';

const settings = numberSettings;
const instant = z.string();

/** A virtual number as the table keeps it. */
export const storedNumber = z.object({
  id: z.string().transform((id) => id as NumberId),
  revision: z.int(),
  phoneNumber: e164,
  sid: phoneNumberSid.nullable(),
  status: z.enum(numberStatuses),
  purchaseId: z.string().transform((id) => id as PurchaseId),
  areaCode: z.string(),
  region: z.string(),
  capabilities,
  smsStatus,
  friendlyName: z.string().nullable(),
  /** Present while assigned or cooling. */
  holder: z
    .object({
      djProfileId,
      displayName: z.string().nullable(),
      realPhoneNumber: e164,
      assignedAt: instant,
      settings,
    })
    .nullable(),
  /** The state's own time: end of the purchase's lease, start of the rest, assignment, end of cooling. */
  stateAt: instant,
  createdAt: instant,
  updatedAt: instant,
});

export type VirtualNumber = z.output<typeof storedNumber>;
export type Holder = NonNullable<VirtualNumber['holder']>;
export type Settings = Holder['settings'];
export type NumberStatus = VirtualNumber['status'];

/** Who changed a number, and why; kept in its history. */
export interface Act {
  actor: string;
  reason: string;
}

/** A number with a holder, as `GET virtual-numbers` shows. */
export type HeldNumber = VirtualNumber & { holder: Holder; sid: PhoneNumberSid };

const coolingDays = 30;
/** Seconds in which a purchase must have come to an end; after that an audit may decide. */
const purchaseLeaseSeconds = 120;

/** Settings of a number that nobody has set yet, in the given zone. */
export function defaultSettings(timeZone: string): Settings {
  return {
    recording_enabled: false,
    call_screening: 'none',
    whisper: null,
    ring_timeout_seconds: 18,
    voicemail_greeting: null,
    sms_follow_up: true,
    language: 'en',
    time_zone: timeZone,
  };
}

/** The intent to buy a number: written before Twilio is asked, so that no crash can lose what was bought. */
export function startPurchase(
  wanted: { id: NumberId; purchaseId: PurchaseId; phoneNumber: E164; areaCode: string; region: string },
  now: Date,
): VirtualNumber {
  return {
    ...wanted,
    revision: 1,
    sid: null,
    status: 'purchasing',
    capabilities: { voice: false, sms: false, mms: false },
    smsStatus: 'unregistered',
    friendlyName: null,
    holder: null,
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
  return change({ ...number, ...bought }, 'available', now, now);
}

/** purchasing -> failed */
export function failPurchase(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['purchasing'], 'marked as failed');
  return change(number, 'failed', now, now);
}

/** available -> assigned; a cooling number goes only to the DJ who had it. */
export function assign(number: VirtualNumber, holder: Holder, now: Date): HeldNumber {
  const his = number.status === 'cooling' && number.holder?.djProfileId === holder.djProfileId;
  if (!his) mustBe(number, ['available'], 'assigned');
  return change({ ...number, holder }, 'assigned', now, now) as HeldNumber;
}

/** assigned -> cooling, for 30 days; its DJ gets it back at any time before. */
export function deactivate(number: VirtualNumber, now: Date): HeldNumber {
  mustBe(number, ['assigned'], 'deactivated');
  return change(number, 'cooling', addSeconds(now, coolingDays * 86_400), now) as HeldNumber;
}

/** cooling -> assigned, to the same DJ. */
export function reactivate(number: VirtualNumber, now: Date): HeldNumber {
  mustBe(number, ['cooling'], 'activated again');
  return change(number, 'assigned', now, now) as HeldNumber;
}

/** New target, name or settings of an assigned or cooling number. */
export function reconfigure(
  number: VirtualNumber,
  wanted: Partial<Pick<Holder, 'realPhoneNumber' | 'displayName'>> & { settings?: Partial<Settings> },
  now: Date,
): HeldNumber {
  mustBe(number, ['assigned', 'cooling'], 'changed');
  const holder = number.holder as Holder;
  return {
    ...number,
    holder: {
      ...holder,
      realPhoneNumber: wanted.realPhoneNumber ?? holder.realPhoneNumber,
      displayName: wanted.displayName ?? holder.displayName,
      settings: { ...holder.settings, ...wanted.settings },
    },
    revision: number.revision + 1,
    updatedAt: now.toISOString(),
  } as HeldNumber;
}

/** cooling -> available: the DJ who had it has lost it. */
export function endCooling(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['cooling'], 'freed');
  return change({ ...number, holder: null }, 'available', now, now);
}

/** cooling, for longer: somebody still dials the number. */
export function extendCooling(number: VirtualNumber, until: Date, now: Date): VirtualNumber {
  mustBe(number, ['cooling'], 'rested longer');
  return change(number, 'cooling', until, now);
}

/** Notes whether the number may send texts; its state stays. */
export function registerForSms(number: VirtualNumber, now: Date): VirtualNumber {
  return { ...number, smsStatus: 'ready', revision: number.revision + 1, updatedAt: now.toISOString() };
}

/** available or cooling -> releasing */
export function startRelease(number: VirtualNumber, now: Date): VirtualNumber {
  if (number.status === 'assigned') throw new Failure('NUMBER_ASSIGNED');
  if (number.status === 'releasing') return number;
  mustBe(number, ['available', 'cooling'], 'released');
  return change({ ...number, holder: null }, 'releasing', now, now);
}

/** releasing -> released */
export function completeRelease(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['releasing'], 'released');
  return change(number, 'released', now, now);
}

/** releasing -> available, when Twilio refuses for good */
export function keepAfterRefusal(number: VirtualNumber, now: Date): VirtualNumber {
  mustBe(number, ['releasing'], 'kept');
  return change(number, 'available', now, now);
}

/** States in which Twilio bills the number. */
export const paidStates: readonly NumberStatus[] = [
  'available',
  'assigned',
  'cooling',
  'releasing',
  'reserved',
];

function change(number: VirtualNumber, status: NumberStatus, stateAt: Date, now: Date): VirtualNumber {
  return {
    ...number,
    status,
    stateAt: stateAt.toISOString(),
    revision: number.revision + 1,
    updatedAt: now.toISOString(),
  };
}

function mustBe(number: VirtualNumber, states: NumberStatus[], verb: string): void {
  if (states.includes(number.status)) return;
  throw new Failure('ILLEGAL_STATE', `A number that is ${number.status} cannot be ${verb}`);
}
