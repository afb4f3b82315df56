import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { settle } from '#shared/calls/settle.ts';
import type { ConsentRepository } from '#shared/consent/consent.repository.ts';
import { log } from '#shared/log.ts';
import type { PlatformSender, Sender } from '#shared/messages/sender.ts';
import { count } from '#shared/metric.ts';
import type { PaymentSession, TipJarSessions } from '#shared/tipjar/sessions.ts';
import type { Texting } from '#shared/twilio/messages.ts';
import { TwilioRefusal } from '#shared/twilio/rest.ts';
import type { FollowUpRepository, SkipReason } from './follow-up.repository.ts';
import { decideFollowUp } from './gate.ts';
import { followUpText } from './text.ts';

export interface FollowUpDeps {
  calls: Pick<CallRepository, 'find'>;
  followUps: FollowUpRepository;
  consents: ConsentRepository;
  tipJar: TipJarSessions;
  texting: Texting;
  platform: PlatformSender;
  now(): Date;
}

type Claim = { claimedAt: string };

/** Twilio's codes that say something of the phone rather than of us. */
const refusedByPhone: Readonly<Record<number, SkipReason>> = {
  21610: 'opted-out',
  21211: 'not-textable',
  21614: 'not-textable',
};

/**
 * Texts the payment link of a finished call, once: the call is claimed first, and whoever finds a claim whose worker
 * died looks in Twilio for the text before sending another. Prefers no text over two.
 * @throws Error when the call is not there or being worked on: the queue brings it again; Failure TIPJAR_UNAVAILABLE,
 *   TWILIO_UNAVAILABLE (nobody knows whether it was sent; the next try looks), TWILIO_NOT_CONFIGURED
 */
export async function sendPaymentLink(deps: FollowUpDeps, callId: string): Promise<void> {
  const call = await deps.calls.find(callId);
  if (call === undefined) throw new Error(`call ${callId} does not exist`);
  if (call.callSid != null) log.appendKeys({ callSid: call.callSid });
  if (call.followUp != null && call.followUp.status !== 'claimed') return deps.followUps.settle(callId);

  // Nobody knows yet whose call it is; the sweeper finds out and sends it on again.
  if (call.routing == null) return;

  const earlier = call.followUp?.claimedAt ?? undefined;
  const optedOut = call.callerNumber != null && (await deps.consents.hasOptedOut(call.callerNumber));
  const decision = decideFollowUp(call, settle(call), optedOut, deps.platform, deps.now());
  if ('skip' in decision && earlier === undefined) return skip(deps, call, undefined, decision.skip);
  if ('defer' in decision && earlier === undefined) {
    log.info('the payment link waits for the morning of the caller', { callId });
    return;
  }

  const claim = await deps.followUps.claim(callId, earlier, deps.now());
  if (claim === undefined) throw new Error(`call ${callId} is being followed up by another worker`);
  // The session is kept before the text is sent: without one, a worker that died sent nothing.
  if ('skip' in decision && call.session == null) return skip(deps, call, claim, decision.skip);
  if ('defer' in decision && call.session == null) return deps.followUps.release(callId, claim);
  if ('send' in decision && !(await isItsTurn(deps, call, decision.to)))
    return skip(deps, call, claim, 'already-texted');
  const session = call.session ?? (await makeSession(deps, call));
  const language = call.routing?.kind === 'forward' ? call.routing.language : 'en';
  const name = call.routing?.kind === 'forward' ? call.routing.displayName : null;
  const body = followUpText(language, name, session.url);
  if (earlier !== undefined) {
    const sent = await deps.texting.findSent(
      { to: call.callerNumber ?? '', from: undefined, body },
      new Date(earlier),
    );
    if (sent !== undefined) return deps.followUps.sent(callId, claim, sent, deps.now());
  }
  if ('skip' in decision) return skip(deps, call, claim, decision.skip);
  if ('defer' in decision) return deps.followUps.release(callId, claim);
  await send(deps, call, claim, { ...decision, body });
}

/** The same caller gets no second link for the same DJ within a day while the first is unpaid. */
async function isItsTurn(deps: FollowUpDeps, call: Call, to: string): Promise<boolean> {
  const djProfileId = call.djProfileId ?? '';
  const other = await deps.consents.takeTurn(to, djProfileId, call.id, deps.now());
  if (other === undefined) return true;
  const paid = ((await deps.calls.find(other))?.paidCents ?? 0) > 0;
  return paid && (await deps.consents.takeTurn(to, djProfileId, call.id, deps.now(), other)) === undefined;
}

async function makeSession(deps: FollowUpDeps, call: Call): Promise<PaymentSession> {
  const djProfileId = call.djProfileId ?? '';
  const session = await deps.tipJar.create({
    callId: call.id,
    djProfileId,
    callerNumber: call.callerNumber ?? '',
  });
  await deps.followUps.keepSession(call.id, djProfileId, session, deps.now());
  return session;
}

async function send(
  deps: FollowUpDeps,
  call: Call,
  claim: Claim,
  text: { send: Sender; to: string; body: string },
): Promise<void> {
  let messageSid: string;
  try {
    messageSid = await deps.texting.send({
      to: text.to,
      ...text.send,
      body: text.body,
      statusPath: `/api/djdash/messages/status/${call.id}`,
    });
  } catch (error) {
    if (!(error instanceof TwilioRefusal)) throw error;
    await deps.consents.returnTurn(text.to, call.djProfileId ?? '', call.id);
    const reason = refusedByPhone[error.code];
    if (reason === undefined) {
      log.error('Twilio refused the text', error);
      return deps.followUps.failed(
        call.id,
        claim,
        `Twilio refused it (${error.code}): ${error.message}`,
        deps.now(),
      );
    }
    if (reason === 'opted-out') await deps.consents.set(text.to, true, String(error.code), deps.now());
    return skip(deps, call, claim, reason);
  }
  await deps.followUps.sent(call.id, claim, messageSid, deps.now());
  count('SmsSent');
}

async function skip(
  deps: FollowUpDeps,
  call: Call,
  claim: Claim | undefined,
  reason: SkipReason,
): Promise<void> {
  await deps.followUps.skip(call.id, claim, reason, deps.now());
  count(reason === 'no-sender' ? 'SmsSkippedNoSender' : 'SmsSkipped');
  log.info('no payment link is texted', { callId: call.id, reason });
}
