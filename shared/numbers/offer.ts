import type { Failure } from '#shared/failure.ts';
import type { E164, PhoneNumberSid } from '#shared/id.ts';
import type { PurchaseRefused } from './buy-number.ts';
import type { NumberChanged } from './number.repository.ts';
import type { HeldNumber, VirtualNumber } from './number.ts';

/** A number that a DJ could get, and why this one. */
export type Offer =
  | { source: 'own-cooling'; number: HeldNumber; reason: string }
  | { source: 'pool'; number: VirtualNumber; reason: string }
  | { source: 'purchase'; phoneNumber: E164; reason: string }
  /** A number that still rests after another DJ, which only a setting allows. */
  | { source: 'early'; number: VirtualNumber; reason: string };

/** Why an offer could not be landed: somebody else was faster, the carrier does not sell it, or nothing may be bought. */
export type Miss = NumberChanged | PurchaseRefused | Failure;

/** Offers, best first. Whoever asks for the next says why the last one was missed; the end is why there is no other. */
export type Offers<End = void> = AsyncGenerator<Offer, End, Miss>;

/** What a DJ asks for, as far as it decides on the number. */
export interface Wish {
  realPhoneNumber: E164;
  /** Without it the area code of the real number is wished for. */
  areaCode: string | undefined;
  /** This very number of the pool and no other. */
  chosen?: PhoneNumberSid | undefined;
}
