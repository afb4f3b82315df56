// This folder is what callers and DJs text each other: whom a text is for, which call it belongs to, and how it is read.

import type { DjProfileId, E164, Texter } from '#shared/id.ts';
import { ownerOf, type VirtualNumber } from '#shared/numbers/number.ts';
import type { Recipient } from '#shared/texts/answer.ts';

/** Where numbers are found. */
export interface Numbers {
  findNumber(phoneNumber: E164): Promise<VirtualNumber | undefined>;
  /** The number that a DJ holds. */
  findHold(djProfileId: DjProfileId): Promise<VirtualNumber | undefined>;
}

/** Who gets a text from `from` to `to`. A DJ who moved on to another number gets those to the former one too. */
export async function recipientOf(numbers: Numbers, to: E164, from: Texter): Promise<Recipient> {
  const number = await numbers.findNumber(to);
  const formerDj = number?.formerDj ?? undefined;
  const present = formerDj === undefined ? number : await numbers.findHold(formerDj);
  const holder = present?.use === 'dj' ? present.holder : null;
  if (holder === null) return { kind: 'nobody', owner: number && (ownerOf(number) ?? formerDj) };
  const { language } = holder.settings;
  const owner = holder.djProfileId;
  // A DJ answers what our alerts tell them, or tries their own number.
  if (from === holder.realPhoneNumber) return { kind: 'own-phone', owner, language };
  if (present?.status !== 'assigned') return { kind: 'nobody', owner };
  return { kind: 'dj', owner, name: holder.displayName, language };
}
