import type { CallRepository } from '#shared/calls/call.repository.ts';
import { type Call, namedNumber } from '#shared/calls/call.ts';
import { addSeconds } from '#shared/clock.ts';
import { type CallId, type DjProfileId, isE164, type OwnerId } from '#shared/id.ts';
import type { HeldNumber, VirtualNumber } from '#shared/numbers/number.ts';
import { isDj } from '#shared/owner.ts';
import type { PaymentRepository } from '#shared/payments/payment.repository.ts';
import type { MessageOf } from '#shared/queue-name.ts';
import type { Wanted } from '#shared/texts/judge.ts';
import type { PhoneHash } from '#shared/texts/phone-hash.ts';
import type { ReceivedTexts } from '#shared/texts/received.repository.ts';
import { type Slot, sendOnce, type TextDoor } from '#shared/texts/send-once.ts';
import type { Alert, AlertPlace, AlertRepository } from './alert.repository.ts';
import { type AlertKind, alertText, isAlert, type News } from './alert-text.ts';

export interface AlertDeps extends TextDoor {
  alerts: AlertRepository;
  numbers: { findHold(djProfileId: DjProfileId): Promise<VirtualNumber | undefined> };
  calls: Pick<CallRepository, 'find'>;
  payments: Pick<PaymentRepository, 'find'>;
  texts: Pick<ReceivedTexts, 'find'>;
  hashOf: PhoneHash;
}

type Message = MessageOf<'alerts'>;

/** What happened is too long ago, or another alert says more. */
type NoAlert = 'stale' | 'voicemail-alert';

/** The setting of a number that asks for alerts of a kind. */
const settingOf = {
  text: 'alert_on_text',
  'missed-call': 'alert_on_missed_call',
  voicemail: 'alert_on_voicemail',
  payment: 'alert_on_payment',
} as const satisfies Record<AlertKind, keyof HeldNumber['holder']['settings']>;

/** Later than this after it happened an alert would only puzzle the DJ. */
const hoursMax = 12;
/** Who texts on and on is told of once an hour. */
const textTurnHours = 1;
/** Everything else has a turn of its own, for longer than its message may wait in the queue. */
const turnHours = 48;

/** What there is to tell, to whom. */
interface Cause {
  owner: OwnerId;
  news: News;
  /** What the alert is about: each is told once. */
  subject: string;
  /** For whom alerts of a kind take turns, if not for each subject. */
  topic?: string;
  /** True when the call has a voicemail, of which an alert of its own tells. */
  hasVoicemail: boolean;
}

/**
 * Tells a DJ by text what happened, once, on the phone that their calls go to, if their number is set to do so now.
 * @throws Error when what happened is not there, and what `sendOnce` throws: the message comes again
 */
export async function alertDj(deps: AlertDeps, message: Message): Promise<void> {
  const cause = await causeOf(deps, message);
  if (cause === undefined || !isDj(cause.owner)) return;
  const number = await deps.numbers.findHold(cause.owner);
  if (number?.status !== 'assigned' || number.holder === null) return;
  const { settings, realPhoneNumber } = number.holder;
  if (!settings[settingOf[message.kind]]) return;
  const place = { owner: cause.owner, subject: cause.subject };
  const known = await deps.alerts.find(place);
  if (known !== undefined && known.status !== 'claimed') return;
  const toldByVoicemail = message.kind === 'missed-call' && cause.hasVoicemail && settings.alert_on_voicemail;
  await sendOnce(deps, slotOf(deps.alerts, place, cause, known, realPhoneNumber), {
    kinds: ['alert'],
    decide: (now) => wantedFor(number, message.at, toldByVoicemail, now),
    turn: { hours: cause.topic === undefined ? turnHours : textTurnHours },
    compose: async () => ({ body: alertText(settings.language, cause.news) }),
    isIt: (body) => isAlert(body, cause.news),
    statusPath: undefined,
  });
}

/** An alert has no hours: the calls and texts that it tells of reach the same phone at any hour too. */
function slotOf(
  alerts: AlertRepository,
  place: AlertPlace,
  { owner, subject, topic }: Cause,
  known: Alert | undefined,
  realPhoneNumber: Alert['to'],
): Slot<{ body: string }, NoAlert> {
  const to = known?.to ?? realPhoneNumber;
  const claimedAt = known?.claimedAt;
  return {
    of: { to, djProfileId: owner, subject, topic },
    claimedAt,
    claim: (now) => alerts.claim(place, to, claimedAt, now),
    sent: (claim, messageSid, _words, now) =>
      alerts.end(place, claim, { status: 'sent', to, messageSid }, now),
    failed: (claim, reason, now) => alerts.end(place, claim, { status: 'failed', to, reason }, now),
    skip: (claim, reason, now) => alerts.end(place, claim, { status: 'skipped', to, reason }, now),
  };
}

function wantedFor(
  number: VirtualNumber,
  happenedAt: string,
  toldByVoicemail: boolean,
  now: Date,
): Wanted<'alert'> | { skip: NoAlert } {
  if (happenedAt < addSeconds(now, -hoursMax * 3600).toISOString()) return { skip: 'stale' };
  if (toldByVoicemail) return { skip: 'voicemail-alert' };
  return { kind: 'alert', isForged: false, number, callEndedAt: undefined };
}

/** What happened, as it stands now; undefined when nobody is to be told of it any more. */
async function causeOf(deps: AlertDeps, message: Message): Promise<Cause | undefined> {
  switch (message.kind) {
    case 'text':
      return ofText(deps, message);
    case 'payment':
      return ofPayment(deps, message);
    case 'missed-call':
    case 'voicemail':
      return ofCall(await callOf(deps, message.callId), message.kind);
    default:
      return message satisfies never;
  }
}

async function ofText(
  { texts, hashOf }: AlertDeps,
  { phoneNumber, messageSid }: Extract<Message, { kind: 'text' }>,
): Promise<Cause | undefined> {
  const text = await texts.find(phoneNumber, messageSid);
  // It was erased meanwhile.
  if (text?.owner === undefined || text.forgettingAt !== undefined) return undefined;
  return {
    owner: text.owner,
    news: { kind: 'text', caller: isE164(text.from) ? text.from : undefined },
    subject: `text#${messageSid}`,
    topic: `text#${await hashOf(text.from)}`,
    hasVoicemail: false,
  };
}

async function ofPayment(
  { payments, calls }: AlertDeps,
  { paymentId }: Extract<Message, { kind: 'payment' }>,
): Promise<Cause | undefined> {
  const { payment } = await payments.find(paymentId);
  if (payment === undefined) throw new Error(`payment ${paymentId} does not exist`);
  const { djProfileId, callId, booked } = payment;
  if (djProfileId === null) return undefined;
  const call = callId === null ? undefined : await calls.find(callId);
  return {
    owner: djProfileId,
    news: { kind: 'payment', caller: namedNumber(call?.callerNumber), amountCents: booked.grossCents },
    subject: `payment#${paymentId}`,
    hasVoicemail: false,
  };
}

async function callOf({ calls }: AlertDeps, callId: CallId): Promise<Call> {
  const call = await calls.find(callId);
  if (call === undefined) throw new Error(`call ${callId} does not exist`);
  return call;
}

function ofCall(call: Call, kind: 'missed-call' | 'voicemail'): Cause | undefined {
  const { djProfileId: owner, callerNumber, voicemail } = call;
  if (owner == null) return undefined;
  const caller = namedNumber(callerNumber);
  const seconds = voicemail?.durationSeconds ?? 0;
  return {
    owner,
    news: kind === 'voicemail' ? { kind, caller, seconds } : { kind, caller },
    subject: `${kind}#${call.id}`,
    hasVoicemail: seconds > 0,
  };
}
