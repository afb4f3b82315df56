// This folder is about one virtual number: what it is, how it is bought, given to a DJ, changed, rested and released.

import type * as z from 'zod';
import type {
  DjProfileId,
  E164,
  HoldingId,
  NumberId,
  OrderId,
  OwnerId,
  PhoneNumberSid,
  PurchaseId,
  UserId,
} from '#shared/id.ts';
import type { capabilities, smsStatus } from './fields.ts';
import type { Settings } from './settings.ts';
import { numberStatuses } from './statuses.ts';

/** What a number is for; every webhook of a number decides by it. Those but `dj` are of tenants. */
export const numberUses = ['dj', 'business', 'account', 'user', 'group'] as const;
export type NumberUse = (typeof numberUses)[number];

/** Who pays for a number: the platform, a tenant's wallet or subscription, or a plan that includes it. */
export const numberBillings = ['platform', 'wallet', 'subscription', 'plan'] as const;
export type NumberBilling = (typeof numberBillings)[number];

/** A DJ who holds a number. */
export interface Holder {
  /** This one time that the DJ holds the number. */
  holdingId: HoldingId;
  djProfileId: DjProfileId;
  displayName: string | null;
  realPhoneNumber: E164;
  assignedAt: string;
  settings: Settings;
  /** How often the DJ changed the forwarding target on the last UTC day of such a change. */
  targetChanges?: { day: string; count: number } | undefined;
}

/** A tenant that holds a number. */
export interface Tenancy {
  /** This one time that the tenant holds the number. */
  holdingId: HoldingId;
  owner: OwnerId;
  /** Of a `user` number: whose it is. */
  userId: UserId | null;
  assignedAt: string;
}

/** A virtual number; `readNumber` reads it from the table. */
export interface VirtualNumber {
  id: NumberId;
  revision: number;
  phoneNumber: E164;
  sid: PhoneNumberSid | null;
  status: (typeof numberStatuses)[number];
  use: NumberUse;
  billing: NumberBilling;
  purchaseId: PurchaseId;
  /** The bulk purchase that brought it. */
  orderId: OrderId | null;
  areaCode: string;
  region: string;
  capabilities: z.output<typeof capabilities>;
  smsStatus: z.output<typeof smsStatus>;
  friendlyName: string | null;
  /** Of a DJ's number, while assigned or cooling. */
  holder: Holder | null;
  /** Of a tenant's number. */
  tenancy: Tenancy | null;
  /** While it cools: the DJ whom its callers mean, who has moved on to another number. */
  formerDj: DjProfileId | null;
  /** When it came into its state. */
  since: string;
  /** The state's own time: end of the purchase's lease, start of the rest, assignment, end of cooling. */
  stateAt: string;
  createdAt: string;
  updatedAt: string;
}

export type NumberStatus = VirtualNumber['status'];

/** Whose a number is; null while it is nobody's. */
export function ownerOf({ holder, tenancy }: Pick<VirtualNumber, 'holder' | 'tenancy'>): OwnerId | null {
  return holder?.djProfileId ?? tenancy?.owner ?? null;
}

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
