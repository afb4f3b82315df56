import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { followUpKinds } from '#shared/calls/fields.ts';
import { settle } from '#shared/calls/settle.ts';
import type { ConsentRepository } from '#shared/consent/consent.repository.ts';
import { log } from '#shared/log.ts';
import type { PlatformSender } from '#shared/messages/sender.ts';
import { count } from '#shared/metric.ts';
import type { TipJarSessions } from '#shared/tipjar/sessions.ts';
import type { Texting } from '#shared/twilio/messages.ts';
import { TwilioRefusal } from '#shared/twilio/twilio-failure.ts';
import type { AllowanceRepository, Wanted } from './allowance.repository.ts';
import type { Claim, FollowUpRepository, FollowUpText, SkipReason } from './follow-up.repository.ts';
import { type Decision, decideFollowUp, type FollowUpKind } from './gate.ts';
import type { FollowUpPolicy } from './policy.ts';
import { fill, variantFor } from './text.ts';

export interface FollowUpDeps {
  calls: Pick<CallRepository, 'find'>;
  followUps: FollowUpRepository;
  consents: ConsentRepository;
  allowances: AllowanceRepository;
  tipJar: TipJarSessions;
  texting: Texting;
  platform: PlatformSender;
  policy: FollowUpPolicy;
  now(): Date;
}

type Sending = Extract<Decision, { send: unknown }>;

/** Twilio's codes that say something of the phone rather than of us. */
const refusedByPhone: Readonly<Record<number, SkipReason>> = {
  21610: 'opted-out',
  21211: 'not-textable',
  21614: 'not-textable',
};

/**
 * Follows a finished call up by text, once: the call is claimed first, and whoever finds a claim whose worker died looks
 * in Twilio for the text before sending another. Prefers no text over two.
 * @throws Error when the call is not there or being worked on: the queue brings it again; Failure TIPJAR_UNAVAILABLE,
 *   TWILIO_UNAVAILABLE (nobody knows whether it was sent; the next try looks), TWILIO_NOT_CONFIGURED
 */
export async function followUpCall(deps: FollowUpDeps, callId: string): Promise<void> {
  const call = await deps.calls.find(callId);
  if (call === undefined) throw new Error(`call ${callId} does not exist`);
  if (call.callSid != null) log.appendKeys({ callSid: call.callSid });
  if (call.followUp != null && call.followUp.status !== 'claimed') return deps.followUps.settle(call);

  // Nobody knows yet whose call it is; the sweeper finds out and sends it on again.
  if (call.routing == null) return;

  const earlier = call.followUp?.claimedAt ?? undefined;
  const optedOut = call.callerNumber != null && (await deps.consents.hasOptedOut(call.callerNumber));
  const decision = decideFollowUp(call, settle(call), optedOut, deps, deps.now());
  if ('skip' in decision && earlier === undefined) return skip(deps, call, undefined, decision.skip);
  if ('defer' in decision && earlier === undefined) {
    log.info('the text waits for the morning of the caller', { callId });
    return deps.followUps.defer(call, undefined, deps.now());
  }

  const claim = await deps.followUps.claim(callId, earlier, deps.now());
  if (claim === undefined) throw new Error(`call ${callId} is being followed up by another worker`);
  if (earlier !== undefined) {
    if (await adopt(deps, call, claim)) return;
    await giveBackUnused(deps, call, decision);
  }
  if ('skip' in decision) return skip(deps, call, claim, decision.skip);
  if ('defer' in decision) return deps.followUps.defer(call, claim, deps.now());
  const refused = await refusedBy(deps, call, decision);
  if (refused !== undefined) return skip(deps, call, claim, refused);
  await send(deps, call, claim, decision, await textOf(deps, call, decision));
}

/**
 * Finds the text that a worker handed over who died before he could note it. It is the one that he kept, whatever the
 * templates and the facts of the call say by now.
 */
async function adopt(deps: FollowUpDeps, call: Call, claim: Claim): Promise<boolean> {
  const { text, claimedAt } = claim;
  if (text === undefined) return false;
  const { kind, variant, body } = text;
  const mark = (kind === 'payment-link' ? call.session?.url : undefined) ?? body;
  // Twilio may put words of its own before ours, as trial accounts do.
  const wanted = {
    to: call.callerNumber ?? '',
    from: undefined,
    isIt: (sent: string) => sent.includes(mark),
  };
  const messageSid = await deps.texting.findSent(wanted, new Date(claimedAt));
  if (messageSid === undefined) return false;
  await deps.followUps.sent(call, claim, { messageSid, kind, variant }, deps.now());
  return true;
}

/** Gives back what a worker that died took for a text that is not sent, unless just such a text is sent now. */
async function giveBackUnused(deps: FollowUpDeps, call: Call, decision: Decision): Promise<void> {
  const to = call.callerNumber;
  if (to == null) return;
  for (const kind of followUpKinds) {
    if ('send' in decision && decision.kind === kind) continue;
    await deps.allowances.giveBack(wantedOf(call, { kind, to }));
  }
}

/** Why this caller gets no more texts now, if he does not. */
async function refusedBy(deps: FollowUpDeps, call: Call, decision: Sending): Promise<SkipReason | undefined> {
  const wanted = wantedOf(call, decision);
  const first = await deps.allowances.take(wanted, deps.policy, deps.now());
  const allowance =
    'taken' in first && ((await deps.calls.find(first.taken))?.paidCents ?? 0) > 0
      ? await deps.allowances.take(wanted, deps.policy, deps.now(), first.taken)
      : first;
  if (allowance.ok) return undefined;
  if ('taken' in allowance) return 'already-texted';
  if (allowance.cap === 'account') count('SmsAccountCapped');
  return 'capped';
}

function wantedOf(call: Call, { kind, to }: Pick<Sending, 'kind' | 'to'>): Wanted {
  return { kind, to, djProfileId: call.djProfileId ?? '', callId: call.id };
}

async function textOf(deps: FollowUpDeps, call: Call, { kind }: Sending): Promise<FollowUpText> {
  if (kind === 'missed-call') return fromTemplate(deps, call, kind, undefined);
  return fromTemplate(deps, call, kind, call.session?.url ?? (await makeSession(deps, call)));
}

function fromTemplate(
  { policy }: FollowUpDeps,
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

/** Answers the link. */
async function makeSession(deps: FollowUpDeps, call: Call): Promise<string> {
  const djProfileId = call.djProfileId ?? '';
  const session = await deps.tipJar.create({
    callId: call.id,
    djProfileId,
    callerNumber: call.callerNumber ?? '',
  });
  await deps.followUps.keepSession(call.id, djProfileId, session, deps.now());
  return session.url;
}

async function send(
  deps: FollowUpDeps,
  call: Call,
  claim: Claim,
  decision: Sending,
  text: FollowUpText,
): Promise<void> {
  const { to, send: sender } = decision;
  const { kind, variant, body } = text;
  await deps.followUps.keepText(call.id, claim, text);
  let messageSid: string;
  try {
    const statusPath = `/api/djdash/messages/status/${call.id}`;
    messageSid = await deps.texting.send({ to, ...sender, body, statusPath });
  } catch (error) {
    if (!(error instanceof TwilioRefusal)) throw error;
    await deps.allowances.giveBack(wantedOf(call, decision));
    const reason = refusedByPhone[error.twilioCode];
    if (reason === undefined) {
      log.error('Twilio refused the text', error);
      const detail = `Twilio refused it (${error.twilioCode}): ${error.message}`;
      return deps.followUps.failed(call, claim, detail, deps.now());
    }
    if (reason === 'opted-out') await deps.consents.set(to, true, String(error.twilioCode), deps.now());
    return skip(deps, call, claim, reason);
  }
  await deps.followUps.sent(call, claim, { messageSid, kind, variant }, deps.now());
  count('SmsSent');
}

async function skip(
  deps: FollowUpDeps,
  call: Call,
  claim: Claim | undefined,
  reason: SkipReason,
): Promise<void> {
  await deps.followUps.skip(call, claim, reason, deps.now());
  count(reason === 'no-sender' ? 'SmsSkippedNoSender' : 'SmsSkipped');
  log.info('no text is sent', { callId: call.id, reason });
}
