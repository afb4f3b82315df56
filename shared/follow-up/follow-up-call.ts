// This folder decides after a call whether its caller gets a payment link or an apology by text, and sends it once.

import type { CallRepository } from '#shared/calls/call.repository.ts';
import { type Call, namedNumber } from '#shared/calls/call.ts';
import { followUpKinds } from '#shared/calls/fields.ts';
import { isDecided } from '#shared/calls/places.ts';
import { settle } from '#shared/calls/settle.ts';
import type { CallId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { type Slot, sendOnce, type TextDoor } from '#shared/texts/send-once.ts';
import type { SentTexts } from '#shared/texts/sent.repository.ts';
import { fill, variantFor } from '#shared/texts/template.ts';
import type { TipJarSessions } from '#shared/tipjar/sessions.ts';
import type { FollowUpRepository, FollowUpText } from './follow-up.repository.ts';
import { decideFollowUp, type FollowUpKind, type NoFollowUp } from './gate.ts';
import type { FollowUpPolicy } from './policy.ts';

export interface FollowUpDeps extends TextDoor {
  calls: Pick<CallRepository, 'find'>;
  followUps: FollowUpRepository;
  sentTexts: Pick<SentTexts, 'keep'>;
  tipJar: TipJarSessions;
  policy: FollowUpPolicy;
}

/**
 * Follows a finished call up by text, once.
 * @throws Error when the call is not there, and what `sendOnce` throws: the queue brings it again; Failure
 *   TIPJAR_UNAVAILABLE
 */
export async function followUpCall(deps: FollowUpDeps, callId: CallId): Promise<void> {
  const call = await deps.calls.find(callId);
  if (call === undefined) throw new Error(`call ${callId} does not exist`);
  if (call.callSid != null) log.appendKeys({ callSid: call.callSid });
  if (isDecided(call)) return deps.followUps.settle(call);

  // Nobody knows yet whose call it is; the sweeper finds out and sends it on again.
  if (call.routing == null) return;

  const settled = settle(call);
  await sendOnce(deps, slotOf(deps, call), {
    kinds: followUpKinds,
    decide: (now) => decideFollowUp(call, settled, deps.policy, now),
    turn: {
      hours: deps.policy.repeatHours,
      isDone: async (earlier) => ((await deps.calls.find(earlier as CallId))?.paidCents ?? 0) > 0,
    },
    compose: (kind) => compose(deps, call, kind),
    isIt: (body, kept) => kept !== undefined && body.includes(markOf(call, kept)),
    statusPath: `/api/djdash/messages/status/${call.id}`,
  });
}

/** The follow-up of a call as the place where the claim on its text is kept. */
function slotOf({ followUps, sentTexts }: FollowUpDeps, call: Call): Slot<FollowUpText, NoFollowUp> {
  const claimedAt = call.followUp?.claimedAt ?? undefined;
  return {
    of: { to: call.callerNumber ?? '', djProfileId: call.djProfileId ?? undefined, subject: call.id },
    claimedAt,
    claim: (now, words) => followUps.claim(call.id, claimedAt, now, words),
    keep: (claim, words, now) => followUps.keep(call.id, claim, words, now),
    aboutToSend: (words, now) => keepInThread(sentTexts, call, words, now),
    sent: (claim, messageSid, words, now) => followUps.sent(call, claim, { messageSid, ...words }, now),
    noteFailure: (claim, failure, now) => followUps.noteFailure(call.id, claim, failure, now),
    failed: (claim, detail, now) => followUps.failed(call, claim, detail, now),
    skip: (claim, reason, now) => followUps.skip(call, claim, reason, now),
    defer: (claim, now) => followUps.defer(call, claim, now),
  };
}

/** What became of it stands with the call. */
async function keepInThread(
  sentTexts: FollowUpDeps['sentTexts'],
  { id: about, djProfileId: owner, callerNumber, virtualNumber }: Call,
  { kind, body }: FollowUpText,
  now: Date,
): Promise<void> {
  const to = namedNumber(callerNumber);
  if (owner == null || to === undefined) return;
  await sentTexts.keep({ kind, about, owner, to, virtualNumber: virtualNumber ?? null, body }, now);
}

/** What tells a text from all others; Twilio may put words of its own before ours, as trial accounts do. */
function markOf(call: Call, { kind, body }: FollowUpText): string {
  return (kind === 'payment-link' ? call.session?.url : undefined) ?? body;
}

async function compose(deps: FollowUpDeps, call: Call, kind: FollowUpKind): Promise<FollowUpText> {
  if (kind === 'missed-call') return fromTemplate(deps.policy, call, kind, undefined);
  if (call.session != null) return fromTemplate(deps.policy, call, kind, call.session.url);
  const { id: callId, djProfileId, callerNumber, routing } = call;
  const session = await deps.tipJar.create({
    callId,
    djProfileId: djProfileId ?? '',
    callerNumber: callerNumber ?? '',
    depositCents: routing?.kind === 'forward' ? routing.depositCents : null,
    depositDescription: routing?.kind === 'forward' ? routing.depositDescription : null,
    djName: routing?.kind === 'forward' ? routing.displayName : null,
  });
  await deps.followUps.noteSession(call, session, deps.now());
  return { ...fromTemplate(deps.policy, call, kind, session.url), session };
}

function fromTemplate(
  policy: FollowUpPolicy,
  call: Call,
  kind: FollowUpKind,
  url: string | undefined,
): FollowUpText {
  const routing = call.routing?.kind === 'forward' ? call.routing : undefined;
  const language = routing?.language === 'es' ? 'es' : 'en';
  const variants = (kind === 'payment-link' ? policy.paymentLink : policy.missedCall)[language];
  const variant = variantFor(call.callerNumber ?? '', variants);
  const body = fill(variants[variant] ?? '', language, { djName: routing?.displayName ?? null, url });
  return { kind, variant, body };
}
