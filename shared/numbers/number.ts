// This folder is about one virtual number: what it is, how it is bought, given to a DJ, changed, rested and released.

import * as z from 'zod';
import { djProfileId, e164, phoneNumberSid } from '#shared/fields.ts';
import type { NumberId, OrderId, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import { capabilities, numberStatuses, smsStatus } from './fields.ts';
import { storedSettings } from './settings.ts';

const instant = z.string();

/** A virtual number as the table keeps it. */
export const storedNumber = z.object({
  id: z.string().transform((id) => id as NumberId),
  revision: z.int(),
  phoneNumber: e164,
  sid: phoneNumberSid.nullable(),
  status: z.enum(numberStatuses),
  purchaseId: z.string().transform((id) => id as PurchaseId),
  /** The bulk purchase that brought it. */
  orderId: z
    .string()
    .transform((id) => id as OrderId)
    .nullable(),
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
      settings: storedSettings,
      /** How often the DJ changed the forwarding target on the last UTC day of such a change. */
      targetChanges: z.object({ day: z.string(), count: z.int() }).optional(),
    })
    .nullable(),
  /** While it cools: the DJ whom its callers mean, who has moved on to another number. */
  formerDj: djProfileId.nullable(),
  /** When it came into its state. */
  since: instant,
  /** The state's own time: end of the purchase's lease, start of the rest, assignment, end of cooling. */
  stateAt: instant,
  createdAt: instant,
  updatedAt: instant,
});

export type VirtualNumber = z.output<typeof storedNumber>;
export type Holder = NonNullable<VirtualNumber['holder']>;
export type NumberStatus = VirtualNumber['status'];

/** Who changed a number, and why; kept in its history. */
export interface Cause {
  actor: string;
  reason: string;
}

/** A number with a holder, as `GET virtual-numbers` shows. */
export type HeldNumber = VirtualNumber & { holder: Holder; sid: PhoneNumberSid };

/** Days in which Twilio sells a released number back to the account that had it. */
export const reclaimDays = 10;

/** What is true of a number in each state. */
const facts: Readonly<Record<NumberStatus, { isOurs: boolean; isPaid: boolean; isPointed: boolean }>> = {
  purchasing: { isOurs: true, isPaid: false, isPointed: false },
  available: { isOurs: true, isPaid: true, isPointed: true },
  assigned: { isOurs: true, isPaid: true, isPointed: true },
  cooling: { isOurs: true, isPaid: true, isPointed: true },
  releasing: { isOurs: true, isPaid: true, isPointed: false },
  released: { isOurs: false, isPaid: false, isPointed: false },
  failed: { isOurs: false, isPaid: false, isPointed: false },
  reserved: { isOurs: true, isPaid: true, isPointed: false },
};

/** States of a number that Twilio bills, or that is being bought. */
export const ourStates: readonly NumberStatus[] = numberStatuses.filter((status) => facts[status].isOurs);

/** States in which Twilio bills the number. */
export const paidStates: readonly NumberStatus[] = numberStatuses.filter((status) => facts[status].isPaid);

/** States in which the webhooks at Twilio must be ours: a DJ has the number, had it, or may get it. */
export const pointedStates: readonly NumberStatus[] = numberStatuses.filter(
  (status) => facts[status].isPointed,
);

/** False for a number that never was ours, and for one that is not any more. */
export function isOurs(number: VirtualNumber | undefined): number is VirtualNumber {
  return number !== undefined && facts[number.status].isOurs;
}
