import { areaCodeOf, areaOf } from '#shared/areas.ts';
import { addSeconds } from '#shared/clock.ts';
import type { DjProfileId, E164, NumberId, PhoneNumberSid, PurchaseId } from '#shared/id.ts';
import type { NumberRepository } from '#shared/numbers/number.repository.ts';
import type { HeldNumber, Holder, VirtualNumber } from '#shared/numbers/number.ts';
import { defaultSettings } from '#shared/numbers/settings.ts';
import { assign, completePurchase, deactivate, startPurchase } from '#shared/numbers/transitions.ts';

export const start = new Date('2026-03-02T18:00:00.000Z');
export const cause = { actor: 'admin:tests', reason: 'a test' };

/** The n-th number of an area code: n is 0-99. */
export function phone(n: number, areaCode = '901', exchange = '555'): E164 {
  return `+1${areaCode}${exchange}01${String(n).padStart(2, '0')}` as E164;
}

export function numberSid(n: number): PhoneNumberSid {
  return `PN${n.toString(16).padStart(32, '0')}` as PhoneNumberSid;
}

export const dj = (name: string) => `dj-${name}` as DjProfileId;

export function holder(djProfileId: DjProfileId, more: Partial<Holder> = {}): Holder {
  return {
    djProfileId,
    displayName: 'DJ Ben',
    realPhoneNumber: '+16155550111' as E164,
    assignedAt: start.toISOString(),
    settings: defaultSettings('America/Chicago'),
    ...more,
  };
}

type Writer = Pick<NumberRepository, 'claimDj' | 'save'>;

let purchases = 0;

/** The intent to buy `phoneNumber`. */
export function purchasing(phoneNumber: E164, now = start): VirtualNumber {
  const areaCode = areaCodeOf(phoneNumber) ?? '';
  const id = (++purchases).toString(16).padStart(32, '0');
  return startPurchase(
    {
      id: `num_${id}` as NumberId,
      purchaseId: `pur_${id}` as PurchaseId,
      orderId: undefined,
      phoneNumber,
      areaCode,
      region: areaOf(areaCode)?.region ?? 'none',
    },
    now,
  );
}

/** The number once it is bought and free. */
export function bought(intent: VirtualNumber, now = start): VirtualNumber {
  const sid = numberSid(Number.parseInt(intent.phoneNumber.slice(2), 10));
  return completePurchase(
    intent,
    {
      sid,
      capabilities: { voice: true, sms: true, mms: true },
      smsStatus: 'ready',
      friendlyName: `djdash:test:${intent.purchaseId}`,
    },
    now,
  );
}

/** Writes the number as the table has it after a purchase: free. */
export async function writeFree(numbers: Writer, phoneNumber: E164, now = start): Promise<VirtualNumber> {
  const intent = purchasing(phoneNumber, now);
  await numbers.save(undefined, intent, cause);
  const free = bought(intent, now);
  await numbers.save(intent, free, cause);
  return free;
}

/** Writes the free number as the table has it once it is assigned to the DJ. */
export async function writeAssigned(
  numbers: Writer,
  free: VirtualNumber,
  to: Holder,
  now = start,
): Promise<HeldNumber> {
  await numbers.claimDj(to.djProfileId, 'claim', now, addSeconds(now, 60));
  const held = assign(free, to, now);
  await numbers.save(free, held, cause, { claimId: 'claim' });
  return held;
}

/** Writes the number as the table has it once it is bought and assigned to the DJ. */
export async function writeHeld(
  numbers: Writer,
  phoneNumber: E164,
  to: Holder,
  now = start,
): Promise<HeldNumber> {
  return writeAssigned(numbers, await writeFree(numbers, phoneNumber, now), to, now);
}

/** The assigned number once its DJ has given it up: it rests for 30 days. */
export function rested(number: VirtualNumber, now = start): HeldNumber {
  return deactivate(number, addSeconds(now, 30 * 86_400), now);
}
