import type { CallFacts } from '#shared/calls/facts.ts';
import { callIdOf } from '#shared/id.ts';
import type { CallRef } from '#shared/twilio/call-ref.ts';
import type { DialStatus, LegStatus } from '#shared/twilio/call-status.ts';
import { callSid, forwarded } from './stored-call.ts';

/** One webhook of a call, as it is written. */
export type CallEvent = (facts: CallFacts, call: CallRef, at: Date) => Promise<unknown>;

export const callRef = (n: number): CallRef => ({
  callSid: callSid(n),
  virtualNumber: '+19015550100',
  callerNumber: '+16155550123',
});

const incoming: CallEvent = (facts, call, at) => facts.incoming(call, at, forwarded, { callerName: 'ANNA' });
const screened: CallEvent = (facts, call, at) =>
  facts.incoming(call, at, { ...forwarded, screened: true }, { callerName: 'ANNA' });
const announced: CallEvent = (facts, call, at) =>
  facts.incoming(call, at, { ...forwarded, recorded: true }, { callerName: 'ANNA' });
const announcedAndScreened: CallEvent = (facts, call, at) =>
  facts.incoming(call, at, { ...forwarded, recorded: true, screened: true }, { callerName: 'ANNA' });
const accepted: CallEvent = (facts, call, at) => facts.accepted(callIdOf(call.callSid), at);
const recorded: CallEvent = (facts, call, at) =>
  facts.recording(callIdOf(call.callSid), at, {
    recordingSid: `RE${'1'.repeat(32)}`,
    recordingUrl: 'https://api.example.com/r1',
    durationSeconds: 95,
  });
const misdirected: CallEvent = (facts, call, at) =>
  facts.incoming(
    call,
    at,
    { kind: 'misdirected', djProfileId: null, timeZone: 'America/New_York' },
    undefined,
  );
const blocked: CallEvent = (facts, call, at) =>
  facts.incoming(call, at, {
    kind: 'blocked',
    djProfileId: 'dj-ben',
    by: 'dj',
    timeZone: 'America/Chicago',
  });
const leg =
  (status: LegStatus, durationSeconds = 0): CallEvent =>
  (facts, call, at) =>
    facts.status(call, at, status, durationSeconds);
const dial =
  (status: DialStatus, talkSeconds?: number): CallEvent =>
  (facts, call, at) =>
    facts.dial(call, at, { status, bridged: talkSeconds !== undefined, talkSeconds: talkSeconds ?? 0 });
/** The result of forwarding that comes when nobody is left to hear what is next. */
const dialLeft =
  (status: DialStatus): CallEvent =>
  (facts, call, at) =>
    facts.dial(call, at, { status, bridged: false, talkSeconds: 0, callerGone: true });
const voicemail =
  (durationSeconds: number): CallEvent =>
  (facts, call, at) =>
    facts.voicemail(call, at, {
      recordingSid: `RE${'0'.repeat(32)}`,
      recordingUrl: 'https://api.example.com/r',
      durationSeconds,
    });
const transcription: CallEvent = (facts, call, at) =>
  facts.transcription(call, at, 'Hello, a wedding in June');

export interface CallStory {
  name: string;
  events: CallEvent[];
  /** What the call comes to. */
  ends: { status: string; outcome: string | null; talkSeconds: number; durationSeconds: number };
}

const ends = (status: string, outcome: string | null, talkSeconds: number, durationSeconds: number) => ({
  status,
  outcome,
  talkSeconds,
  durationSeconds,
});

/** Every way a call can go, by the webhooks that Twilio sends of it. */
export const stories: CallStory[] = [
  {
    name: 'answered',
    events: [incoming, leg('ringing'), dial('completed', 95), leg('completed', 101)],
    ends: ends('completed', 'answered', 95, 95),
  },
  {
    name: 'answered, hung up at once',
    events: [incoming, dial('completed', 0), leg('completed', 7)],
    ends: ends('completed', 'answered', 0, 7),
  },
  {
    name: 'missed, then a voicemail',
    events: [incoming, dial('no-answer'), voicemail(12), transcription, leg('completed', 40)],
    ends: ends('voicemail', 'voicemail', 0, 40),
  },
  {
    name: 'missed, hung up before the tone',
    events: [incoming, dial('no-answer'), voicemail(0), leg('completed', 24)],
    ends: ends('no-answer', 'missed', 0, 24),
  },
  {
    name: 'missed, hung up during the greeting',
    events: [incoming, dial('no-answer'), leg('completed', 24)],
    ends: ends('no-answer', 'missed', 0, 24),
  },
  {
    name: 'abandoned while it rang',
    events: [incoming, dial('canceled'), leg('no-answer')],
    ends: ends('no-answer', 'abandoned', 0, 0),
  },
  {
    name: 'abandoned before anything rang',
    events: [incoming, leg('canceled')],
    ends: ends('no-answer', 'abandoned', 0, 0),
  },
  {
    name: 'abandoned, of which the dial alone tells',
    events: [incoming, dial('canceled'), leg('completed', 6)],
    ends: ends('no-answer', 'abandoned', 0, 6),
  },
  {
    name: 'abandoned during the announcement',
    events: [announced, leg('completed', 2)],
    ends: ends('no-answer', 'abandoned', 0, 2),
  },
  {
    name: 'abandoned while it rang after an announcement',
    events: [announced, dialLeft('canceled'), leg('completed', 9)],
    ends: ends('no-answer', 'abandoned', 0, 9),
  },
  {
    name: 'abandoned while it rang after an announcement, which Twilio calls no answer',
    events: [announced, dialLeft('no-answer'), leg('completed', 9)],
    ends: ends('no-answer', 'abandoned', 0, 9),
  },
  {
    name: 'abandoned while the DJ was being asked, after an announcement',
    events: [announcedAndScreened, dialLeft('completed'), leg('completed', 12)],
    ends: ends('no-answer', 'abandoned', 0, 12),
  },
  {
    name: 'missed after an announcement, hung up during the greeting',
    events: [announced, dial('no-answer'), leg('completed', 30)],
    ends: ends('no-answer', 'missed', 0, 30),
  },
  {
    name: 'to a busy DJ, as short as an announcement',
    events: [announced, dial('busy'), leg('completed', 4)],
    ends: ends('busy', 'busy', 0, 4),
  },
  {
    name: 'answered and hung up, as short as an announcement',
    events: [announced, dial('completed', 1), recorded, leg('completed', 4)],
    ends: ends('completed', 'answered', 1, 1),
  },
  {
    name: 'recorded, of which the result of forwarding is still to come',
    events: [announced, leg('completed', 5)],
    ends: ends('in-progress', null, 0, 5),
  },
  {
    name: 'the line of the DJ was busy',
    events: [incoming, dial('busy'), voicemail(0), leg('completed', 5)],
    ends: ends('busy', 'busy', 0, 5),
  },
  {
    name: 'the DJ declined and the caller left a voicemail',
    events: [incoming, dial('busy'), voicemail(8), leg('completed', 31)],
    ends: ends('voicemail', 'voicemail', 0, 31),
  },
  {
    name: 'the phone of the DJ could not be reached',
    events: [incoming, dial('failed'), leg('completed', 9)],
    ends: ends('failed', 'failed', 0, 9),
  },
  {
    name: 'taken with 1 and recorded',
    events: [screened, accepted, dial('completed', 95), recorded, leg('completed', 101)],
    ends: ends('completed', 'answered', 95, 95),
  },
  {
    name: 'answered by a machine that pressed nothing',
    events: [screened, dial('completed'), voicemail(0), leg('completed', 40)],
    ends: ends('no-answer', 'declined', 0, 40),
  },
  {
    name: 'declined by the DJ, then a voicemail',
    events: [screened, dial('completed'), voicemail(9), leg('completed', 40)],
    ends: ends('voicemail', 'voicemail', 0, 40),
  },
  {
    name: 'abandoned while the DJ was being asked',
    events: [screened, dial('canceled'), leg('no-answer')],
    ends: ends('no-answer', 'abandoned', 0, 0),
  },
  {
    name: 'the table was down, the fallback took a voicemail',
    events: [voicemail(15), transcription, leg('completed', 30)],
    ends: ends('voicemail', 'voicemail', 0, 30),
  },
  {
    name: 'on a number that nobody holds',
    events: [misdirected, leg('completed', 6)],
    ends: ends('no-answer', 'misdirected', 0, 6),
  },
  {
    name: 'of a caller who is blocked',
    events: [blocked, leg('ringing'), leg('busy')],
    ends: ends('busy', 'blocked', 0, 0),
  },
  {
    name: 'of which the result of forwarding is still to come',
    events: [incoming, leg('ringing'), leg('completed', 101)],
    ends: ends('in-progress', null, 0, 101),
  },
];
