import { type E164, isE164, type OwnerId } from '#shared/id.ts';
import { isTextable } from './destinations.ts';
import type { TextsPolicy } from './policy.ts';
import { isQuiet } from './quiet-hours.ts';
import { type PlatformSender, type Sender, senderFor } from './sender.ts';

/** What is texted: the payment link after a conversation, a word after a missed call, a notice to a former forwarding target, an automatic reply, an alert to a DJ. */
export type TextKind = 'payment-link' | 'missed-call' | 'notice' | 'reply' | 'alert';

/** Why a text is not sent, whatever it says. */
export type Refusal =
  | 'not-textable'
  | 'forged'
  | 'destination'
  | 'opted-out'
  | 'stopped'
  | 'no-sender'
  | 'already-texted'
  | 'capped';

/** Whom a text is for, on whose behalf, and what it is about. */
export interface Addressee {
  to: string;
  /** Whose allowance it takes; undefined of a number that no DJ holds: all of these have one together. */
  djProfileId: OwnerId | undefined;
  /** The call, change or text that it follows: for the same subject an allowance is taken once. */
  subject: string;
  /** Of alerts: what takes turns together, if not each subject by itself. */
  topic?: string | undefined;
}

/** What somebody wants to be sent. */
export interface Wanted<Kind extends TextKind = TextKind> {
  kind: Kind;
  /** True when the network found that the phone's number is forged: its owner did not call. */
  isForged: boolean;
  /** The virtual number that it is about, which sends it if it may. */
  number: { phoneNumber: E164; smsStatus: string } | undefined;
  /** The call right after which the text may come at any hour. */
  callEndedAt: Date | undefined;
}

/** What was found out about the phone and the stage. */
export interface Circumstances {
  optedOut: boolean;
  /** An operator has stopped all texts. */
  stopped: boolean;
}

/** Why nobody may text this phone now, if that is so. */
export function refusalOf(
  to: string,
  isForged: boolean,
  { optedOut, stopped }: Circumstances,
  { countries }: Pick<TextsPolicy, 'countries'>,
): Refusal | undefined {
  if (!isE164(to)) return 'not-textable';
  if (isForged) return 'forged';
  if (!isTextable(to, countries)) return 'destination';
  if (optedOut) return 'opted-out';
  return stopped ? 'stopped' : undefined;
}

/** `defer`: not at this hour; whoever asks later is told anew. */
export type Verdict<Kind extends TextKind = TextKind> =
  | { send: Sender; kind: Kind }
  | { skip: Refusal }
  | { defer: true };

/** Whether a text may be sent now, and from which number. How many may be sent is not asked here. */
export function judge<Kind extends TextKind>(
  to: string,
  wanted: Wanted<Kind>,
  circumstances: Circumstances,
  { platform, limits, canWait }: { platform: PlatformSender; limits: TextsPolicy; canWait: boolean },
  now: Date,
): Verdict<Kind> {
  const refusal = refusalOf(to, wanted.isForged, circumstances, limits);
  if (refusal !== undefined) return { skip: refusal };
  const sender = senderFor(wanted.number, platform);
  if (sender === undefined) return { skip: 'no-sender' };
  if (canWait && isQuiet(to as E164, wanted.callEndedAt, now)) return { defer: true };
  return { send: sender, kind: wanted.kind };
}
