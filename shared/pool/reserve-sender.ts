import { newNumber } from '#shared/numbers/new-number.ts';
import { type Cause, type VirtualNumber } from '#shared/numbers/number.ts';
import { completePurchase, endReservation, reserve, startPurchase } from '#shared/numbers/transitions.ts';
import type { OwnedNumber } from '#shared/twilio/numbers.ts';

/** A transition to write. */
export interface Reservation {
  before: VirtualNumber | undefined;
  after: VirtualNumber;
  cause: Cause;
}

/**
 * What keeps the platform's own sender out of the pool: it is reserved when the account owns it, and free again when
 * the platform sends from another. One that a DJ holds stays theirs.
 */
export function reservations(
  sender: string,
  owned: OwnedNumber[],
  stored: VirtualNumber[],
  now: Date,
): Reservation[] {
  const former = stored.filter(({ status, phoneNumber }) => status === 'reserved' && phoneNumber !== sender);
  const freed = former.map((before) => ({
    before,
    after: endReservation(before, now),
    cause: { actor: 'audit', reason: 'the platform sends from another number' },
  }));
  const cause = { actor: 'audit', reason: "it sends the platform's own texts" };
  const known = stored.find(({ phoneNumber }) => phoneNumber === sender);
  if (known !== undefined) {
    const free = known.status === 'available' ? [{ before: known, after: reserve(known, now), cause }] : [];
    return [...freed, ...free];
  }
  const number = owned.find(({ phoneNumber }) => phoneNumber === sender);
  return number === undefined
    ? freed
    : [...freed, { before: undefined, after: reserved(number, now), cause }];
}

function reserved(number: OwnedNumber, now: Date): VirtualNumber {
  const { phoneNumber, sid, capabilities, friendlyName } = number;
  const bought = { sid, capabilities, friendlyName, smsStatus: 'unregistered' as const };
  return {
    ...reserve(completePurchase(startPurchase(newNumber(phoneNumber), now), bought, now), now),
    revision: 1,
  };
}
