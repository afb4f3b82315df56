import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import type { Failure } from '#shared/failure.ts';
import type { CallId, OwnerId } from '#shared/id.ts';
import { toDecimal } from '#shared/money.ts';
import { paidStates, pointedStates, type VirtualNumber } from '#shared/numbers/number.ts';
import { wrongWebhooks } from '#shared/twilio/number-webhooks.ts';
import type { MessagingService, OwnedNumber } from '#shared/twilio/numbers.ts';
import { readPurchaseMark } from '#shared/twilio/purchase-mark.ts';
import { bufferTarget } from './buffer.ts';
import type { driftReply } from './fields.ts';
import { monthlyCents } from './prices.ts';

export type Drift = z.output<typeof driftReply>;

/** What an audit compares, and as what. */
export interface Inventory {
  /** What Twilio bills; undefined when it could not be read. */
  owned: OwnedNumber[] | undefined;
  /** What the table has in states that Twilio bills or is about to. */
  stored: VirtualNumber[];
  /** Undefined when the stage has none, or when it could not be read. */
  service: MessagingService | undefined;
  /** What could not be read at Twilio. */
  unreadable: Drift[];
  publicBaseUrl: string;
  stage: string;
  /** Numbers of the account that are none of the pool's: the platform's sender, and what the policy ignores. */
  ignored: ReadonlySet<string>;
  bufferShare: number;
  now: Date;
}

/** No call lasts longer at Twilio than 4 hours; the sweeper has two more to find its end. */
export const callHoursMax = 6;
/** A release that began longer ago than this has broken off. */
const releaseSeconds = 120;
const idleDays = 30;
/** A number that is still called after so long a rest will not come to rest. */
const longRestDays = 90;
const daySeconds = 86_400;

/** Of each kind, whether it holds the table against Twilio: the two are read at different moments. */
export const comparesWithTwilio: Readonly<Record<Drift['kind'], boolean>> = {
  unmanaged: true,
  missing: true,
  'wrong-webhook': true,
  'not-in-messaging-service': true,
  'purchase-stuck': true,
  'release-stuck': true,
  'numbers-unreadable': false,
  'messaging-service-unreadable': false,
  'sms-refused': false,
  'service-webhook': false,
  'cooling-over': false,
  'cooling-long': false,
  'claim-left-over': false,
  'holder-mismatch': false,
  'call-never-ended': false,
  idle: false,
  'buffer-below-target': false,
};

/**
 * Every difference between Twilio's list and the table's, number by number. Numbers that another stage marked as its own
 * are none, nor are those that are ignored or reserved. Without Twilio's list only what the table alone tells.
 */
export function numberDrifts(inventory: Inventory): Drift[] {
  const owned = inventory.owned?.filter(({ phoneNumber }) => !inventory.ignored.has(phoneNumber));
  const stored = inventory.stored.filter(
    ({ phoneNumber, status }) => status !== 'reserved' && !inventory.ignored.has(phoneNumber),
  );
  const inTable = new Map(stored.map((number) => [number.phoneNumber as string, number]));
  if (owned === undefined) return stored.flatMap((number) => driftsOfRest(number, true, inventory));
  const inTwilio = new Map(owned.map((number) => [number.phoneNumber as string, number]));
  return [
    ...owned.flatMap((number) => driftsOfOwned(number, inTable.get(number.phoneNumber), inventory)),
    ...stored.flatMap((number) => driftsOfStored(number, inTwilio.get(number.phoneNumber), inventory)),
  ];
}

/** Drifts of no single number: what could not be read, the Messaging Service, the buffer. */
export function poolDrifts(inventory: Inventory): Drift[] {
  return [...inventory.unreadable, ...driftOfService(inventory.service), ...driftOfBuffer(inventory)];
}

type Place = Pick<Drift, 'phone_number' | 'sid'>;
const nowhere: Place = { phone_number: null, sid: null };

/** A drift that costs a number's monthly price as long as it stays, or nothing. */
function drift(kind: Drift['kind'], at: Place, detail: string, isWasted: boolean): Drift {
  const monthly_cost = isWasted ? toDecimal(monthlyCents) : 0;
  return {
    kind,
    phone_number: at.phone_number,
    sid: at.sid,
    detail,
    code: null,
    monthly_cost,
    repaired: false,
  };
}

/** A part of Twilio that could not be read, so that nothing is known of it. */
export function unreadable(
  kind: 'numbers-unreadable' | 'messaging-service-unreadable',
  failure: Failure,
): Drift {
  return { ...drift(kind, nowhere, failure.message, false), code: failure.code };
}

function driftsOfOwned(number: OwnedNumber, known: VirtualNumber | undefined, inventory: Inventory): Drift[] {
  const at = { phone_number: number.phoneNumber, sid: number.sid };
  if (known === undefined) {
    const mark = readPurchaseMark(number.friendlyName);
    if (mark !== undefined && mark.stage !== inventory.stage) return [];
    return [drift('unmanaged', at, 'Twilio bills it, but the table does not know it', true)];
  }
  if (!pointedStates.includes(known.status)) return [];
  const wrong = wrongWebhooks(number, inventory.publicBaseUrl);
  return [
    ...(wrong.length > 0 ? [drift('wrong-webhook', at, wrong.join('; '), false)] : []),
    ...driftsOfRegistration(at, known, inventory.service?.members.has(number.sid)),
  ];
}

/** `isMember` is undefined when there is no Messaging Service to be in. */
function driftsOfRegistration(at: Place, known: VirtualNumber, isMember: boolean | undefined): Drift[] {
  if (known.smsStatus === 'refused') {
    const detail =
      'Carriers refuse its texts: repair the campaign, then register it again (POST pool/registrations)';
    return [drift('sms-refused', at, detail, false)];
  }
  if (isMember === undefined || (isMember && known.smsStatus === 'ready')) return [];
  const detail = 'It cannot send texts: it is not in the Messaging Service';
  return [drift('not-in-messaging-service', at, detail, false)];
}

function driftsOfStored(number: VirtualNumber, owned: OwnedNumber | undefined, { now }: Inventory): Drift[] {
  const at = { phone_number: number.phoneNumber, sid: number.sid ?? owned?.sid ?? null };
  const isPaid = owned !== undefined;
  const over = number.stateAt < now.toISOString();
  switch (number.status) {
    case 'purchasing': {
      if (!over) return [];
      const detail = isPaid ? 'Twilio has it, it was bought' : 'Twilio does not have it';
      return [drift('purchase-stuck', at, `The purchase never ended. ${detail}`, isPaid)];
    }
    case 'releasing': {
      if (number.stateAt > addSeconds(now, -releaseSeconds).toISOString()) return [];
      return [drift('release-stuck', at, 'Its release was begun and never ended', isPaid)];
    }
    case 'available':
    case 'assigned':
    case 'cooling': {
      const detail = `It is ${number.status} here, but Twilio does not have it`;
      const missing = isPaid ? [] : [drift('missing', at, detail, false)];
      return [...missing, ...driftsOfRest(number, isPaid, { now })];
    }
    case 'reserved':
    case 'released':
    case 'failed':
      return [];
    default:
      return number.status satisfies never;
  }
}

/** What the table alone tells: numbers that rest or wait for too long. */
function driftsOfRest(number: VirtualNumber, isPaid: boolean, { now }: Pick<Inventory, 'now'>): Drift[] {
  const at = { phone_number: number.phoneNumber, sid: number.sid };
  const over = number.stateAt < now.toISOString();
  const found: Drift[] = [];
  if (number.status === 'cooling' && over) {
    found.push(drift('cooling-over', at, `Its rest ended at ${number.stateAt}`, isPaid));
  }
  const olderThan = (days: number) => number.since < addSeconds(now, -days * daySeconds).toISOString();
  if (number.status === 'cooling' && olderThan(longRestDays)) {
    const detail = `It has rested since ${number.since} and is still called; release it`;
    found.push(drift('cooling-long', at, detail, isPaid));
  }
  if (number.status === 'available' && olderThan(idleDays)) {
    const detail = `It has been free since ${number.since}; release it if it is not needed`;
    found.push(drift('idle', at, detail, isPaid));
  }
  return found;
}

function driftOfService(service: MessagingService | undefined): Drift[] {
  if (service === undefined || service.deliversToNumbers) return [];
  const detail = 'The Messaging Service keeps texts from the webhooks of its numbers: opt-outs would be lost';
  return [drift('service-webhook', nowhere, detail, false)];
}

function driftOfBuffer({ stored, bufferShare }: Inventory): Drift[] {
  const paid = stored.filter((number) => paidStates.includes(number.status));
  const free = paid.filter((number) => number.status === 'available').length;
  const target = bufferTarget(paid.length, bufferShare);
  if (free >= target) return [];
  const detail = `${free} free numbers, ${target} should be: buy ${target - free}`;
  return [drift('buffer-below-target', nowhere, detail, false)];
}

/** A claim of a DJ that ran out without a number. */
export function claimLeftOver(djProfileId: OwnerId): Drift {
  const detail = `A number was being found for DJ ${djProfileId} when the request broke off`;
  return drift('claim-left-over', nowhere, detail, false);
}

/** A number says that it is a DJ's, and the DJ holds another or none. */
export function holderMismatch(number: VirtualNumber): Drift {
  const detail = `It is ${number.status} with DJ ${number.holder?.djProfileId}, who does not hold it: see the runbook`;
  return drift('holder-mismatch', { phone_number: number.phoneNumber, sid: number.sid }, detail, false);
}

/** A call of which no end was ever told, and none found out. */
export function callNeverEnded(callId: CallId): Drift {
  const detail = `Call ${callId} began over ${callHoursMax} hours ago and its end is not known: read it and see the runbook`;
  return drift('call-never-ended', nowhere, detail, false);
}
