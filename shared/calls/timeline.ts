import type * as z from 'zod';
import { type FailureCode, failures } from '#shared/failure.ts';
import { toDecimal } from '#shared/money.ts';
import { ownOf } from './attribution.ts';
import type { Call } from './call.ts';
import type { skipReasons, timelineEntry } from './fields.ts';
import { leadScoreOf } from './lead-score.ts';
import { isOver, settle } from './settle.ts';
import { spamOf } from './spam.ts';
import { startOf } from './start-of.ts';

type Entry = z.input<typeof timelineEntry>;

const skipSentences = {
  'no-conversation': 'there was no conversation of more than 10 seconds',
  disabled: 'the DJ has turned this text off',
  'opted-out': 'the caller opted out of texts',
  'not-textable': "the caller's number cannot receive texts",
  forged: "the network says that the caller's number is forged",
  destination: "the caller's number is outside the countries we text, or is not an ordinary number",
  'already-texted': 'the caller was already sent one',
  'no-sender': 'no number of ours may send texts yet',
  stale: 'too much time had passed since the call',
  spam: 'the call counts as spam',
  capped: 'a daily limit was reached: for this caller, for this DJ, or for the whole platform',
  stopped: 'an operator has stopped all texts',
} as const satisfies Record<(typeof skipReasons)[number], string>;

/** Everything that happened to a call and was decided about it, in order and in plain words. */
export function timelineOf(call: Call): Entry[] {
  const entries: (Entry | undefined)[] = [
    call.incomingAt == null ? undefined : { at: call.incomingAt, what: routed(call) },
    attributed(call),
    call.accepted == null
      ? undefined
      : { at: call.accepted.at, what: "Somebody pressed 1 on the DJ's phone to take the call" },
    ...Object.entries(call.dials).map(([status, dial]) => ({
      at: dial.at,
      what: dialled(call, status, dial),
    })),
    call.recording == null
      ? undefined
      : { at: call.recording.at, what: `The conversation was recorded: ${call.recording.durationSeconds} s` },
    call.voicemail == null
      ? undefined
      : { at: call.voicemail.at, what: `The caller left a voicemail of ${call.voicemail.durationSeconds} s` },
    call.transcription == null
      ? undefined
      : { at: call.transcription.at, what: 'The voicemail was transcribed' },
    ...Object.entries(call.statuses).map(([status, leg]) => ({
      at: leg.at,
      what: `Twilio reported the caller's leg as ${stateOf(status)} after ${leg.durationSeconds} s`,
    })),
    judged(call),
    call.deferredAt == null
      ? undefined
      : {
          at: call.deferredAt,
          what: 'It was night where the caller is: the text will be sent in the morning',
        },
    call.session == null ? undefined : { at: call.session.at, what: 'A payment link was created' },
    ...call.textAttempts.map(attempted),
    followedUp(call),
    ...Object.entries(call.deliveries).map(([state, delivery]) => ({
      at: delivery.at,
      what: `The text message was ${stateOf(state)}${delivery.errorCode == null ? '' : ` (error ${delivery.errorCode})`}`,
    })),
    ...Object.values(call.texts).map(({ at, mediaCount }) => ({ at, what: texted(mediaCount) })),
    call.lastPaidAt == null ? undefined : { at: call.lastPaidAt, what: paid(call) },
    ...Object.entries(call.edits).map(([field, edit]) =>
      edit == null ? undefined : { at: edit.at, what: edited(field, edit) },
    ),
    call.forgottenAt == null
      ? undefined
      : {
          at: call.forgottenAt,
          what: 'The caller was forgotten: number, name, transcript and notes were removed',
        },
    call.sweptAt == null
      ? undefined
      : { at: call.sweptAt, what: 'Nothing more was reported about the call; it was closed' },
  ];
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const whyBlocked = {
  dj: 'The caller is blocked by the DJ',
  platform: 'The caller is blocked by the platform',
  limit: 'The caller had reached the daily limit of calls to this DJ',
} as const;

function routed({ routing }: Call): string {
  switch (routing?.kind) {
    case 'blocked':
      return `${whyBlocked[routing.by]}: they heard a busy signal`;
    case 'forward': {
      const asked = routing.screened ? ', where the DJ is asked to press 1' : '';
      const cut = routing.suspicious ? '. It looked like spam: not recorded, and voicemail kept short' : '';
      const announced = routing.recorded ? '. The caller was told that the call is being recorded' : '';
      return `The call came in and was forwarded to the DJ's phone ending in ${routing.realPhoneNumber.slice(-4)}${asked}${announced}${cut}`;
    }
    case 'misdirected':
    case undefined:
      return 'The call came in on a number that belongs to nobody';
    default:
      return routing satisfies never;
  }
}

function attributed({ attribution }: Call): Entry | undefined {
  const own = attribution == null ? undefined : ownOf(attribution);
  if (attribution == null || own === undefined) return undefined;
  const count = attribution.candidates.length + attribution.unlisted;
  const clicks = `${attribution.unread ? `more than ${count}` : count} clicks`;
  const which = attribution.candidates[0] === own ? 'the nearest of' : 'the nearest one left of';
  const page = attribution.agreed.pageUrl;
  const sure =
    count === 1
      ? `it is the only click the call may have come from`
      : `with a confidence of ${own.confidence}, as ${which} ${clicks} it may have come from`;
  const where = page == null ? `probably on ${own.pageUrl}` : `on ${page}`;
  return { at: own.at, what: `Somebody clicked on the number ${where}: ${sure}` };
}

/** How the call is judged, as soon as it is over. */
function judged(call: Call): Entry | undefined {
  const settled = settle(call);
  if (!isOver(settled) || settled.outcome === 'blocked' || settled.outcome === 'misdirected')
    return undefined;
  const times = [...Object.values(call.dials), ...Object.values(call.statuses)].map(({ at }) => at);
  if (call.voicemail != null) times.push(call.voicemail.at);
  const at = times.toSorted().at(-1) ?? call.sweptAt ?? startOf(call);
  const spam = spamOf(call, settled);
  if (spam.isSpam)
    return { at, what: `The call counts as spam and is left out of the figures: ${spam.reasons.join(', ')}` };
  const { score, reasons } = leadScoreOf(call, settled);
  return { at, what: `The lead is ${score}: ${reasons.join(', ')}` };
}

function paid({ paidCents, refundedCents, cutCents }: Call): string {
  const money = (cents: number) => toDecimal(cents).toFixed(2);
  if (refundedCents === 0) return `Paid ${money(paidCents)}, of which the platform keeps ${money(cutCents)}`;
  const left = money(paidCents - refundedCents);
  return `Paid ${money(paidCents)}, of which ${money(refundedCents)} was refunded; of the remaining ${left} the platform keeps ${money(cutCents)}`;
}

function texted(mediaCount: number): string {
  if (mediaCount === 0) return 'The caller sent a text';
  return `The caller sent a text with ${mediaCount === 1 ? 'a picture or other file' : `${mediaCount} pictures or other files`}`;
}

/** Twilio may think of words that we do not know. */
function stateOf(word: string): string {
  return word === 'other' ? 'in a state we do not recognize' : word;
}

function dialled(call: Call, status: string, dial: Call['dials'][string]): string {
  if (dial.bridged) return `Caller and DJ were connected and talked for ${dial.talkSeconds} s`;
  const declined = status === 'completed' && call.routing?.kind === 'forward' && call.routing.screened;
  return declined
    ? "The DJ's phone was answered, but nobody pressed 1 to take the call"
    : `The DJ's phone was not reached: ${stateOf(status)}`;
}

function edited(field: string, { value, by }: { value: unknown; by: string }): string {
  const role = by.slice(0, by.indexOf(':'));
  const name = field.replace('_', ' ');
  if (value === null) return `A person (${role}) cleared the ${name} that had been set`;
  return `A person (${role}) set ${name}${field === 'notes' ? '' : ` to ${JSON.stringify(value)}`}`;
}

function attempted({ at, code, twilioCode }: Call['textAttempts'][number]): Entry {
  if (code == null) return { at, what: 'Another attempt to text the caller began' };
  const title = Object.hasOwn(failures, code) ? `${failures[code as FailureCode].title} ` : '';
  const number = twilioCode == null ? '' : `, error ${twilioCode}`;
  return { at, what: `An attempt to text the caller failed: ${title}(${code}${number})` };
}

function followedUp({ followUp }: Call): Entry | undefined {
  return followUp == null ? undefined : { at: followUp.at, what: followUpSentence(followUp) };
}

function followUpSentence({ status, reason, detail, kind, variant }: NonNullable<Call['followUp']>): string {
  switch (status) {
    case 'claimed':
      return 'The caller is being texted';
    case 'failed':
      return `The caller could not be texted: ${detail ?? ''}`;
    case 'skipped':
      return `The caller was not texted: ${reason == null ? '' : skipSentences[reason]}`;
    case 'sent': {
      const text = kind === 'missed-call' ? 'A text about the missed call' : 'The payment link';
      const which = variant == null ? '' : ` (text "${variant}")`;
      return `${text} was texted to the caller${which}, who had called and has not opted out`;
    }
    default:
      return status satisfies never;
  }
}
