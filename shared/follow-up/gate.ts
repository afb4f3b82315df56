import type { Call } from '#shared/calls/call.ts';
import type { followUpKinds, skipReasons } from '#shared/calls/fields.ts';
import type { Settled } from '#shared/calls/settle.ts';
import { spamOf } from '#shared/calls/spam.ts';
import { addSeconds } from '#shared/clock.ts';
import type { Refusal, Wanted } from '#shared/texts/judge.ts';
import type { FollowUpPolicy } from './policy.ts';

/** What a caller is texted: the payment link after a conversation, a word after a call that nobody took. */
export type FollowUpKind = (typeof followUpKinds)[number];

/** A talk of this many seconds or less is no conversation. */
const talkSecondsMin = 10;

/** A text that comes later than this after the call would only puzzle the caller, and might wake them. */
const hoursMax = 12;

/** After which ends of a call its caller is texted, and what. */
const kindAfter: Readonly<Record<NonNullable<Settled['outcome']>, FollowUpKind | undefined>> = {
  answered: 'payment-link',
  missed: 'missed-call',
  busy: 'missed-call',
  failed: 'missed-call',
  abandoned: 'missed-call',
  declined: 'missed-call',
  voicemail: 'missed-call',
  misdirected: undefined,
  blocked: undefined,
};

/** Why a finished call is not followed up, whoever made it. */
export type NoFollowUp = Exclude<(typeof skipReasons)[number], Refusal>;

/** Whether a finished call is to be followed up by text, and with what. Whether that may be sent is not asked here. */
export function decideFollowUp(
  call: Call,
  settled: Settled,
  { quietHours }: Pick<FollowUpPolicy, 'quietHours'>,
  now: Date,
): Wanted<FollowUpKind> | { skip: NoFollowUp } {
  const kind = kindOf(call, settled);
  if (kind === undefined) return { skip: 'no-conversation' };
  const { routing, virtualNumber } = call;
  if (routing?.kind !== 'forward') return { skip: 'disabled' };
  if (kind === 'payment-link' && !routing.smsFollowUp) return { skip: 'disabled' };
  if (spamOf(call, settled).isSpam) return { skip: 'spam' };
  const endedAt = lastHeard(call);
  if (endedAt < addSeconds(now, -hoursMax * 3600).toISOString()) return { skip: 'stale' };
  const mayBePrompt = kind === 'payment-link' && quietHours === 'deferred';
  return {
    kind,
    isForged: call.caller?.forged === true,
    number: virtualNumber == null ? undefined : { phoneNumber: virtualNumber, smsStatus: routing.smsStatus },
    callEndedAt: mayBePrompt ? new Date(endedAt) : undefined,
  };
}

function kindOf(call: Call, { outcome, talkSeconds }: Settled): FollowUpKind | undefined {
  const kind = outcome === null ? undefined : kindAfter[outcome];
  if (kind === 'payment-link') return talkSeconds > talkSecondsMin ? kind : undefined;
  const wanted = call.routing?.kind === 'forward' && call.routing.missedCallText;
  return wanted ? kind : undefined;
}

/** When the last fact of the call came: about when it ended. */
function lastHeard(call: Call): string {
  const times = [...Object.values(call.dials), ...Object.values(call.statuses)].map(({ at }) => at);
  return times.sort().at(-1) ?? call.seenAt;
}
