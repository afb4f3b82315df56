import type {
  DjProfileId,
  E164,
  HoldingId,
  NumberId,
  OrderId,
  PhoneNumberSid,
  PurchaseId,
  UserId,
} from '#shared/id.ts';
import { isOwnerId } from '#shared/owner.ts';
import type { Item } from '#shared/table/table.ts';
import { settingDefaults } from './default-settings.ts';
import {
  type Holder,
  numberBillings,
  numberUses,
  ownerOf,
  type Tenancy,
  type VirtualNumber,
} from './number.ts';
import type { Settings } from './settings.ts';
import { numberStatuses } from './statuses.ts';

/**
 * The number in an item of the table, whether it stands for itself or as the copy that its holder has; the one place that
 * knows how it is stored. Without a schema library: the call handler starts cold while somebody hears it ring. What
 * numbers did not have before there were tenants is filled in: they are DJs', and the platform pays.
 * @throws TypeError when the item has not the shape that the number repository writes
 */
export function readNumber(item: Item): VirtualNumber {
  const record = part(item, 'record');
  const id = text(record, 'id') as NumberId;
  const number: VirtualNumber = {
    id,
    revision: whole(record, 'revision'),
    phoneNumber: text(record, 'phoneNumber') as E164,
    sid: optionalText(record, 'sid') as PhoneNumberSid | null,
    status: oneOf(numberStatuses, record, 'status'),
    use: record.use === undefined ? 'dj' : oneOf(numberUses, record, 'use'),
    billing: record.billing === undefined ? 'platform' : oneOf(numberBillings, record, 'billing'),
    purchaseId: text(record, 'purchaseId') as PurchaseId,
    orderId: optionalText(record, 'orderId') as OrderId | null,
    areaCode: text(record, 'areaCode'),
    region: text(record, 'region'),
    capabilities: part(record, 'capabilities') as VirtualNumber['capabilities'],
    smsStatus: oneOf(['ready', 'unregistered', 'refused'] as const, record, 'smsStatus'),
    friendlyName: optionalText(record, 'friendlyName'),
    holder: record.holder == null ? null : holderIn(part(record, 'holder'), id),
    tenancy: record.tenancy == null ? null : tenancyIn(part(record, 'tenancy')),
    formerDj: optionalText(record, 'formerDj') as DjProfileId | null,
    since: text(record, 'since'),
    stateAt: text(record, 'stateAt'),
    createdAt: text(record, 'createdAt'),
    updatedAt: text(record, 'updatedAt'),
  };
  if (number.status === 'assigned' && ownerOf(number) === null)
    throw new TypeError('the number is assigned to nobody');
  return number;
}

function holderIn(holder: Item, numberId: NumberId): Holder {
  return {
    // Who held a number before holdings had ids holds it for the first time that anybody can tell.
    holdingId: (optionalText(holder, 'holdingId') as HoldingId | null) ?? firstHoldingOf(numberId),
    djProfileId: text(holder, 'djProfileId') as DjProfileId,
    displayName: optionalText(holder, 'displayName'),
    realPhoneNumber: text(holder, 'realPhoneNumber') as E164,
    assignedAt: text(holder, 'assignedAt'),
    settings: settingsIn(part(holder, 'settings')),
    ...(holder.targetChanges !== undefined && {
      targetChanges: holder.targetChanges as Holder['targetChanges'],
    }),
  };
}

function firstHoldingOf(numberId: NumberId): HoldingId {
  return `hld_${numberId.slice('num_'.length)}` as HoldingId;
}

function tenancyIn(tenancy: Item): Tenancy {
  const owner = text(tenancy, 'owner');
  if (!isOwnerId(owner)) throw new TypeError("the number's owner is none");
  return {
    holdingId: text(tenancy, 'holdingId') as HoldingId,
    owner,
    userId: optionalText(tenancy, 'userId') as UserId | null,
    assignedAt: text(tenancy, 'assignedAt'),
  };
}

/** What nobody has set, and what numbers were stored without, has its default. */
function settingsIn(stored: Item): Settings {
  const settings = { ...settingDefaults, ...stored };
  return {
    recording_enabled: yesOrNo(settings, 'recording_enabled'),
    call_screening: oneOf(['none', 'press-1'] as const, settings, 'call_screening'),
    whisper: optionalText(settings, 'whisper'),
    ring_timeout_seconds: whole(settings, 'ring_timeout_seconds'),
    voicemail_greeting: optionalText(settings, 'voicemail_greeting'),
    sms_follow_up: yesOrNo(settings, 'sms_follow_up'),
    missed_call_text: yesOrNo(settings, 'missed_call_text'),
    alert_on_text: yesOrNo(settings, 'alert_on_text'),
    alert_on_missed_call: yesOrNo(settings, 'alert_on_missed_call'),
    alert_on_voicemail: yesOrNo(settings, 'alert_on_voicemail'),
    alert_on_payment: yesOrNo(settings, 'alert_on_payment'),
    language: oneOf(['en', 'es'] as const, settings, 'language'),
    time_zone: text(settings, 'time_zone'),
    deposit_amount: optionalNumber(settings, 'deposit_amount'),
    deposit_description: optionalText(settings, 'deposit_description'),
  };
}

function part(item: Item, name: string): Item {
  const value = item[name];
  if (typeof value === 'object' && value !== null) return value as Item;
  throw new TypeError(`the number's ${name} is missing`);
}

function text(item: Item, name: string): string {
  const value = item[name];
  if (typeof value === 'string') return value;
  throw new TypeError(`the number's ${name} is not a text`);
}

function optionalText(item: Item, name: string): string | null {
  return item[name] == null ? null : text(item, name);
}

function optionalNumber(item: Item, name: string): number | null {
  const value = item[name];
  if (value == null) return null;
  if (typeof value === 'number') return value;
  throw new TypeError(`the number's ${name} is not a number`);
}

function whole(item: Item, name: string): number {
  const value = item[name];
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new TypeError(`the number's ${name} is not a whole number`);
}

function yesOrNo(item: Item, name: string): boolean {
  const value = item[name];
  if (typeof value === 'boolean') return value;
  throw new TypeError(`the number's ${name} is not true or false`);
}

function oneOf<Word extends string>(words: readonly Word[], item: Item, name: string): Word {
  const found = words.find((word) => word === item[name]);
  if (found !== undefined) return found;
  throw new TypeError(`the number's ${name} is not known`);
}
