import { isDj } from '#shared/owner.ts';
import type { callEventTypes } from '#shared/platform-event-types.ts';
import type { ChangeRule, PlatformMessage } from '#shared/queue/change.ts';
import type { OutMessage } from '#shared/queue-name.ts';
import { recordingKinds } from '#shared/recording-kinds.ts';
import { unregisteredCodes } from '#shared/texts/unregistered.ts';
import { type Call, readCall } from './call.ts';
import { contributionOf } from './contribution.ts';
import { recordingOf } from './recording-of.ts';
import { isOver, settle } from './settle.ts';
import { spamOf } from './spam.ts';

/** What follows from a change of a call: it is followed up, counted, attributed, its sound copied, the platform told. */
export const relayCall: ChangeRule = (before, after) => {
  if (after.sk !== 'CALL') return [];
  const was = before === undefined ? undefined : readCall(before);
  const is = readCall(after);
  const body = { callId: is.id };
  const finished = isReady(is) && (was === undefined || !isReady(was));
  const messages: OutMessage[] = [];
  if (is.source === 'twilio' && is.followUp == null && finished) messages.push({ queue: 'followUps', body });
  const countedAs = (call: typeof was) =>
    JSON.stringify(call === undefined ? undefined : contributionOf(call));
  if (finished || countedAs(was) !== countedAs(is)) messages.push({ queue: 'callFacts', body });
  const arrived = is.routing?.kind === 'forward' && was?.routing == null;
  const lostClick = was?.attribution != null && is.attribution == null;
  if (arrived || lostClick) messages.push({ queue: 'attributions', body });
  return [...messages, ...refusals(was, is), ...recordings(was, is), ...events(was, is), ...alerts(was, is)];
};

/** Recordings that Twilio tells of for the first time. */
function recordings(was: Call | undefined, is: Call): OutMessage[] {
  return recordingKinds
    .filter((kind) => recordingOf(is, kind) !== undefined && (was && recordingOf(was, kind)) === undefined)
    .map((kind) => ({ queue: 'recordings', body: { callId: is.id, kind } }));
}

/** Numbers whose texts carriers refuse, as this change tells it for the first time. */
function refusals(was: Call | undefined, is: Call): OutMessage[] {
  return Object.entries(is.deliveries).flatMap(([state, { errorCode, from }]) => {
    const known = was?.deliveries[state] !== undefined;
    if (known || from == null || errorCode == null || !unregisteredCodes.includes(errorCode)) return [];
    return [{ queue: 'refusals', body: { phoneNumber: from, code: errorCode } }];
  });
}

/** Each is told once, by the change with which it begins to hold; `caller.forgotten` also of a call logged by hand. */
const eventHolds: Readonly<Record<(typeof callEventTypes)[number], (call: Call) => boolean>> = {
  'call.completed': isReady,
  'call.missed': isMissed,
  'voicemail.received': hasVoicemail,
  'voicemail.transcribed': (call) => hasVoicemail(call) && call.transcription != null,
  'caller.forgotten': ({ forgottenAt }) => forgottenAt != null,
};

function events(was: Call | undefined, is: Call): PlatformMessage[] {
  // What tenants' numbers do is told to the tenants, not to the platform.
  if (is.djProfileId != null && !isDj(is.djProfileId)) return [];
  return Object.entries(eventHolds)
    .filter(([, holds]) => holds(is) && (was === undefined || !holds(was)))
    .map(([name]) => name as keyof typeof eventHolds)
    .map((type) => ({ queue: 'events', body: { type, entity: is.id, fact: type, at: is.updatedAt } }));
}

/** Each once, by the change with which it begins to hold, if the DJ wanted that when the call came in. */
function alerts(was: Call | undefined, is: Call): OutMessage[] {
  const wanted = is.routing?.kind === 'forward' ? is.routing.alerts : [];
  return wanted
    .filter((kind) => alertHolds[kind](is) && (was === undefined || !alertHolds[kind](was)))
    .map((kind) => ({ queue: 'alerts', body: { kind, callId: is.id, at: is.updatedAt } }));
}

const alertHolds = {
  'missed-call': isMissed,
  voicemail: hasVoicemail,
} as const;

/** Over, and known whose it is: a call that came while the table was down waits for the sweeper to find that out. */
function isReady(call: Call): boolean {
  return call.routing != null && isOver(settle(call));
}

/**
 * Over, and the DJ did not take it, whether the caller left a message or not: which of the two webhooks came first must
 * not decide what is told.
 */
function isMissed(call: Call): boolean {
  const settled = settle(call);
  if (call.routing?.kind !== 'forward' || settled.outcome === null) return false;
  return settled.outcome !== 'answered' && !spamOf(call, settled).isSpam;
}

function hasVoicemail({ routing, voicemail }: Call): boolean {
  return routing?.kind === 'forward' && voicemail != null && voicemail.durationSeconds > 0;
}
