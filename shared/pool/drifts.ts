import type * as z from 'zod';
import { addSeconds } from '#shared/clock.ts';
import type { PhoneNumberSid } from '#shared/id.ts';
import { toDecimal } from '#shared/money.ts';
import { paidStates, type VirtualNumber } from '#shared/numbers/number.ts';
import { type OwnedNumber, readPurchaseMark, wrongWebhooks } from '#shared/twilio/numbers.ts';
import { buffer } from './buffer.ts';
import type { driftReply } from './fields.ts';
import { monthlyCents } from './prices.ts';

export type Drift = z.output<typeof driftReply>;

/** What an audit compares, and as what. */
export interface Inventory {
  /** What Twilio bills. */
  owned: OwnedNumber[];
  /** What the table has in states that Twilio bills or is about to. */
  stored: VirtualNumber[];
  /** Numbers in the Messaging Service; undefined when the stage has none. */
  registered: ReadonlySet<PhoneNumberSid> | undefined;
  publicBaseUrl: string;
  stage: string;
  now: Date;
}

/** A release that began longer ago than this has broken off. */
const releaseSeconds = 120;
const idleDays = 30;

/** Every difference between Twilio's list and the table's. Numbers that another stage marked as its own are none. */
export function drifts(inventory: Inventory): Drift[] {
  const { owned, stored } = inventory;
  const inTable = new Map(stored.map((number) => [number.phoneNumber as string, number]));
  const inTwilio = new Map(owned.map((number) => [number.phoneNumber as string, number]));
  return [
    ...owned.flatMap((number) => driftsOfOwned(number, inTable.get(number.phoneNumber), inventory)),
    ...stored.flatMap((number) => driftsOfStored(number, inTwilio.get(number.phoneNumber), inventory)),
    ...driftOfBuffer(stored),
  ];
}

type Place = Pick<Drift, 'phone_number' | 'sid'>;

/** A drift that costs a number's monthly price as long as it stays, or nothing. */
function drift(kind: Drift['kind'], at: Place, detail: string, paidInVain: boolean): Drift {
  const monthly_cost = paidInVain ? toDecimal(monthlyCents) : 0;
  return { kind, phone_number: at.phone_number, sid: at.sid, detail, monthly_cost, repaired: false };
}

function driftsOfOwned(number: OwnedNumber, known: VirtualNumber | undefined, inventory: Inventory): Drift[] {
  const at = { phone_number: number.phoneNumber, sid: number.sid };
  if (known === undefined) {
    const mark = readPurchaseMark(number.friendlyName);
    if (mark !== undefined && mark.stage !== inventory.stage) return [];
    return [drift('unmanaged', at, 'Twilio bills it, but the table does not know it', true)];
  }
  if (known.status === 'purchasing' || known.status === 'releasing') return [];
  const wrong = wrongWebhooks(number, inventory.publicBaseUrl);
  const unregistered =
    inventory.registered !== undefined &&
    (!inventory.registered.has(number.sid) || known.smsStatus !== 'ready');
  return [
    ...(wrong.length > 0 ? [drift('wrong-webhook', at, wrong.join('; '), false)] : []),
    ...(unregistered
      ? [
          drift(
            'not-in-messaging-service',
            at,
            'It cannot send texts: it is not in the Messaging Service',
            false,
          ),
        ]
      : []),
  ];
}

function driftsOfStored(number: VirtualNumber, owned: OwnedNumber | undefined, { now }: Inventory): Drift[] {
  const at = { phone_number: number.phoneNumber, sid: number.sid ?? owned?.sid ?? null };
  const isPaid = owned !== undefined;
  const over = number.stateAt < now.toISOString();
  if (number.status === 'purchasing') {
    if (!over) return [];
    const detail = isPaid ? 'Twilio has it, it was bought' : 'Twilio does not have it';
    return [drift('purchase-stuck', at, `The purchase never ended. ${detail}`, isPaid)];
  }
  if (number.status === 'releasing') {
    if (number.stateAt > addSeconds(now, -releaseSeconds).toISOString()) return [];
    return [drift('release-stuck', at, 'Its release was begun and never ended', isPaid)];
  }
  const found: Drift[] = [];
  if (!isPaid) {
    found.push(drift('missing', at, `It is ${number.status} here, but Twilio does not have it`, false));
  }
  if (number.status === 'cooling' && over) {
    found.push(drift('cooling-over', at, `Its rest ended at ${number.stateAt}`, isPaid));
  }
  if (number.status === 'available' && number.stateAt < addSeconds(now, -idleDays * 86_400).toISOString()) {
    found.push(
      drift('idle', at, `It has been free since ${number.stateAt}; release it if it is not needed`, isPaid),
    );
  }
  return found;
}

function driftOfBuffer(stored: VirtualNumber[]): Drift[] {
  const paid = stored.filter((number) => paidStates.includes(number.status));
  const free = paid.filter((number) => number.status === 'available').length;
  const { target, below_target: below } = buffer(free, paid.length);
  if (!below) return [];
  const detail = `${free} free numbers, ${target} should be: buy ${target - free}`;
  return [drift('buffer-below-target', { phone_number: null, sid: null }, detail, false)];
}

/** A claim of a DJ that ran out without a number. */
export function claimLeftOver(djProfileId: string): Drift {
  const detail = `A number was being found for DJ ${djProfileId} when the request broke off`;
  return drift('claim-left-over', { phone_number: null, sid: null }, detail, false);
}
