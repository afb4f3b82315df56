import type { Call } from '#shared/calls/call.ts';
import type { Settled } from '#shared/calls/settle.ts';
import { addSeconds } from '#shared/clock.ts';
import { isE164 } from '#shared/id.ts';
import { type PlatformSender, type Sender, senderFor } from '#shared/messages/sender.ts';
import type { SkipReason } from './follow-up.repository.ts';
import { isQuiet } from './quiet-hours.ts';

/** A talk of this many seconds or less is no conversation. */
const talkSecondsMin = 10;

/** A link that comes later than this after the call would only puzzle the caller, and might wake him. */
const hoursMax = 12;

/** `defer`: not at this hour; whoever asks later is told anew. */
export type Decision = { send: Sender; to: string } | { skip: SkipReason } | { defer: true };

/**
 * Whether a finished call gets a payment link by text, and from which number: the virtual number if it is registered,
 * else the platform's Messaging Service, else its number.
 */
export function decideFollowUp(
  call: Call,
  settled: Settled,
  optedOut: boolean,
  platform: PlatformSender,
  now: Date,
): Decision {
  if (settled.outcome !== 'answered' || settled.talkSeconds <= talkSecondsMin)
    return { skip: 'no-conversation' };
  if (call.routing?.kind !== 'forward' || !call.routing.smsFollowUp) return { skip: 'disabled' };
  const to = call.callerNumber ?? '';
  if (!isE164(to)) return { skip: 'not-textable' };
  if (optedOut) return { skip: 'opted-out' };
  if (lastHeard(call) < addSeconds(now, -hoursMax * 3600).toISOString()) return { skip: 'stale' };
  const sender = senderOf(call, platform);
  if (sender === undefined) return { skip: 'no-sender' };
  return isQuiet(to, new Date(lastHeard(call)), now) ? { defer: true } : { send: sender, to };
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
