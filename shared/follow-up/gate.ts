import type { Call } from '#shared/calls/call.ts';
import type { Settled } from '#shared/calls/settle.ts';
import { spamOf } from '#shared/calls/spam.ts';
import { addSeconds } from '#shared/clock.ts';
import { isE164 } from '#shared/id.ts';
import { type PlatformSender, type Sender, senderFor } from '#shared/messages/sender.ts';
import type { SkipReason } from './follow-up.repository.ts';
import type { FollowUpPolicy } from './policy.ts';
import { isQuiet } from './quiet-hours.ts';

/** What a caller is texted: the payment link after a conversation, a word after a call that nobody took. */
export type FollowUpKind = 'payment-link' | 'missed-call';

/** A talk of this many seconds or less is no conversation. */
const talkSecondsMin = 10;

/** A text that comes later than this after the call would only puzzle the caller, and might wake him. */
const hoursMax = 12;

const missedOutcomes: readonly Settled['outcome'][] = [
  'missed',
  'busy',
  'failed',
  'abandoned',
  'declined',
  'voicemail',
];

/** `defer`: not at this hour; whoever asks later is told anew. */
export type Decision =
  | { kind: FollowUpKind; send: Sender; to: string }
  | { skip: SkipReason }
  | { defer: true };

/**
 * Whether a finished call is followed up by text, with what, and from which number: the virtual number if it is
 * registered, else the platform's Messaging Service, else its number. How many texts may be sent is not asked here.
 */
export function decideFollowUp(
  call: Call,
  settled: Settled,
  optedOut: boolean,
  { platform, policy }: { platform: PlatformSender; policy: Pick<FollowUpPolicy, 'quietHours'> },
  now: Date,
): Decision {
  const kind = kindOf(call, settled);
  if (kind === undefined) return { skip: 'no-conversation' };
  if (call.routing?.kind !== 'forward') return { skip: 'disabled' };
  if (kind === 'payment-link' && !call.routing.smsFollowUp) return { skip: 'disabled' };
  const to = call.callerNumber ?? '';
  if (!isE164(to)) return { skip: 'not-textable' };
  if (optedOut) return { skip: 'opted-out' };
  if (spamOf(call, settled).isSpam) return { skip: 'spam' };
  if (lastHeard(call) < addSeconds(now, -hoursMax * 3600).toISOString()) return { skip: 'stale' };
  const sender = senderOf(call, platform);
  if (sender === undefined) return { skip: 'no-sender' };
  const mayBePrompt = kind === 'payment-link' && policy.quietHours === 'deferred';
  return isQuiet(to, mayBePrompt ? new Date(lastHeard(call)) : undefined, now)
    ? { defer: true }
    : { kind, send: sender, to };
}

function kindOf(call: Call, settled: Settled): FollowUpKind | undefined {
  if (settled.outcome === 'answered')
    return settled.talkSeconds > talkSecondsMin ? 'payment-link' : undefined;
  const wanted = call.routing?.kind === 'forward' && call.routing.missedCallText;
  return wanted && missedOutcomes.includes(settled.outcome) ? 'missed-call' : undefined;
}

/** When the last fact of the call came: about when it ended. */
function lastHeard(call: Call): string {
  const times = [...Object.values(call.dials), ...Object.values(call.statuses)].map(({ at }) => at);
  return times.sort().at(-1) ?? call.seenAt;
}

function senderOf(call: Call, platform: PlatformSender): Sender | undefined {
  const { routing, virtualNumber } = call;
  const number =
    routing?.kind === 'forward' && virtualNumber != null
      ? { phoneNumber: virtualNumber, smsStatus: routing.smsStatus }
      : undefined;
  return senderFor(number, platform);
}
