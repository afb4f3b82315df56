import { randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A call of ours: `call_` and, for a phone call, the hexadecimal part of its CallSid. */
export type CallId = Branded<'CallId'>;
/** A virtual number, over all its holders. */
export type NumberId = Branded<'NumberId'>;
/** One attempt to buy one number; it stands in Twilio's FriendlyName. */
export type PurchaseId = Branded<'PurchaseId'>;
/** A purchase of many numbers that a worker carries out. */
export type OrderId = Branded<'OrderId'>;
/** A click on the number of a page. */
export type ClickId = Branded<'ClickId'>;
/** A file of calls that somebody asked for. */
export type ExportId = Branded<'ExportId'>;
export type AuditId = Branded<'AuditId'>;
/** The platform's own id of a DJ: 1-128 of `A-Z a-z 0-9 . _ : -`. */
export type DjProfileId = Branded<'DjProfileId'>;
/** Who pays and is kept apart from others: `t_` and 1-64 of `A-Z a-z 0-9 . _ -`. */
export type TenantId = Branded<'TenantId'>;
/** A tenant as it stands where a DJ's id may stand too; shared/owner.ts makes it. */
type OwningTenant = Branded<'OwningTenant'>;
/** Who owns numbers, calls, texts, clicks and block lists: a DJ or a tenant, as its part of a key has it. */
export type OwnerId = DjProfileId | OwningTenant;
/** A person of a tenant: `u_` and 32 hexadecimal digits, which follow from the token's issuer and subject. */
export type UserId = Branded<'UserId'>;
/** One time that somebody holds a number; new at each assignment. */
export type HoldingId = Branded<'HoldingId'>;
/** TipJar's ids. */
export type PaymentId = Branded<'PaymentId'>;
export type PaymentEventId = Branded<'PaymentEventId'>;
export type SessionId = Branded<'SessionId'>;
/** What an event for the platform is about. */
export type EventEntity = CallId | PaymentId | NumberId | MessageSid;
/** An event for the platform. */
export type EventId = Branded<'EventId'>;
/** Who texts without a phone number: a short code or a name. */
type TextSender = Branded<'TextSender'>;
/** Who texts us. */
export type Texter = E164 | TextSender;
/** Twilio's id of a text. */
export type MessageSid = Branded<'MessageSid'>;
/** A phone number as `+` and 7 to 15 digits. */
export type E164 = Branded<'E164'>;
/** Twilio's id of an incoming phone number, `PN` and 32 hexadecimal digits. */
export type PhoneNumberSid = Branded<'PhoneNumberSid'>;

interface Prefixes {
  call: CallId;
  num: NumberId;
  pur: PurchaseId;
  ord: OrderId;
  aud: AuditId;
  clk: ClickId;
  exp: ExportId;
  hld: HoldingId;
}

/** A new opaque id with its prefix: `num_` and 32 hexadecimal digits. */
export function newId<P extends keyof Prefixes>(prefix: P): Prefixes[P] {
  return `${prefix}_${randomUUID().replaceAll('-', '')}` as Prefixes[P];
}

const callSidShape = /^CA([0-9a-f]{32})$/;
const callIdShape = /^call_[0-9a-f]{32}$/;
const e164Shape = /^\+[1-9]\d{6,14}$/;
const phoneNumberSidShape = /^PN[0-9a-f]{32}$/;
const tenantIdShape = /^t_[A-Za-z0-9._-]{1,64}$/;
const djProfileIdShape = /^[A-Za-z0-9._:-]{1,128}$/;

/** True for `CA` and 32 hexadecimal digits. */
export function isCallSid(text: string): boolean {
  return callSidShape.test(text);
}

/** The id of the call that Twilio knows by this CallSid: the same for every webhook of the call. */
export function callIdOf(callSid: string): CallId {
  const match = callSidShape.exec(callSid);
  if (match === null) throw new TypeError(`not a CallSid: ${callSid.slice(0, 40)}`);
  return `call_${match[1]}` as CallId;
}

/** The CallSid of a phone call with this id. */
export function callSidOf(callId: CallId): string {
  return `CA${callId.slice('call_'.length)}`;
}

export function isCallId(text: string): text is CallId {
  return callIdShape.test(text);
}

/** True when `text` has the shape of an E.164 number; says nothing of whether it exists. */
export function isE164(text: string): text is E164 {
  return e164Shape.test(text);
}

export function isPhoneNumberSid(text: string): text is PhoneNumberSid {
  return phoneNumberSidShape.test(text);
}

export function isDjProfileId(text: string): text is DjProfileId {
  return djProfileIdShape.test(text);
}

export function isTenantId(text: string): text is TenantId {
  return tenantIdShape.test(text);
}
