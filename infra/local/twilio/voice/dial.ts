import { rfc2822 } from '../date-format.ts';
import type { CallStatus } from '../entities.ts';
import { isE164 } from '../numbers/e164.ts';
import type { Verb } from '../twiml.ts';
import { methodOf } from '../webhooks/method.ts';
import type { Line } from './line.ts';
import type { Document, LiveCall } from './live-call.ts';
import { recordingUrl, reportRecording, storeRecording } from './record.ts';
import { hiddenRingSeconds, type RingResult, ring } from './ringing.ts';

type Interpret = (call: LiveCall, line: Line, document: Document) => Promise<boolean>;

interface Target {
  number: Verb;
  line: Line;
  ringing: RingResult;
  sequence: number;
}

interface DialResult {
  status: CallStatus;
  legSid: string | undefined;
  /** Undefined when nobody answered. */
  seconds: number | undefined;
  bridged: boolean;
  recordingUrl: string | undefined;
}

/** `<Dial>`: rings phones and connects the first that answers. Its action decides how the call goes on. */
export async function dial(
  call: LiveCall,
  line: Line,
  document: Document,
  verb: Verb,
  interpret: Interpret,
): Promise<Document | 'next' | 'ended'> {
  const { attributes } = verb;
  if (attributes['answerOnBridge'] !== 'true') call.answer(line);
  const result = await connect(call, line, document, verb, interpret);
  const action = attributes['action'];
  if (action === undefined || action === '') return line.gone ? 'ended' : 'next';
  const extra = {
    DialCallStatus: result.status,
    DialBridged: String(result.bridged),
    ...(result.legSid !== undefined && { DialCallSid: result.legSid }),
    ...(result.seconds !== undefined && { DialCallDuration: String(result.seconds) }),
    ...(result.recordingUrl !== undefined && { RecordingUrl: result.recordingUrl }),
  };
  const method = methodOf(attributes['method']);
  if (line.gone) {
    // It is still asked for; nobody is left to hear the answer.
    call.notify(line, action, document.url, method, extra);
    return 'ended';
  }
  const next = await call.fetch(line, action, document.url, method, extra);
  if (!next) {
    call.apologise(line);
    return 'ended';
  }
  return next;
}

async function connect(
  call: LiveCall,
  line: Line,
  document: Document,
  verb: Verb,
  interpret: Interpret,
): Promise<DialResult> {
  const failed: DialResult = {
    status: 'failed',
    legSid: undefined,
    seconds: undefined,
    bridged: false,
    recordingUrl: undefined,
  };
  const numbers = numbersOf(call, verb);
  const callerId = callerIdOf(call, line, verb);
  if (numbers.length === 0 || callerId === undefined) return failed;
  const timeoutSeconds = Number(verb.attributes['timeout'] ?? 30) || 30;
  const targets = numbers.flatMap((number) => startRinging(call, number, callerId, timeoutSeconds, document));
  const answering = targets
    .filter(({ ringing }) => ringing.result === 'answered' || ringing.result === 'voicemail')
    .toSorted((a, b) => a.ringing.atSeconds - b.ringing.atSeconds);
  const [winner] = answering;
  const lastSeconds = Math.max(0, ...targets.map(({ ringing }) => ringing.atSeconds));
  if (line === call.caller && call.plan.caller.hangsUpWhileRinging) {
    call.elapsedSeconds += Math.ceil(
      (winner?.ringing.atSeconds ?? Math.min(lastSeconds, timeoutSeconds + hiddenRingSeconds)) / 2,
    );
    call.end(line);
    for (const target of targets) finish(call, target, 'canceled', document);
    return { ...failed, status: 'canceled', legSid: targets[0]?.line.leg.sid };
  }
  if (!winner) {
    call.elapsedSeconds += lastSeconds;
    for (const target of targets)
      finish(call, target, target.ringing.result === 'busy' ? 'busy' : 'no-answer', document);
    const statuses = targets.map((target) => target.line.leg.status);
    const status = statuses.includes('no-answer') ? 'no-answer' : (statuses[0] ?? 'failed');
    return { ...failed, status, legSid: targets.at(-1)?.line.leg.sid };
  }
  call.elapsedSeconds += winner.ringing.atSeconds;
  for (const target of targets) {
    if (target !== winner)
      finish(call, target, target.ringing.result === 'busy' ? 'busy' : 'canceled', document);
  }
  return converse(call, line, document, verb, winner, interpret);
}

async function converse(
  call: LiveCall,
  line: Line,
  document: Document,
  verb: Verb,
  target: Target,
  interpret: Interpret,
): Promise<DialResult> {
  const callee = target.line;
  call.answer(callee);
  progress(call, target, 'answered', document);
  const screening = target.number.attributes['url'];
  if (screening !== undefined && screening !== '') {
    const method = methodOf(target.number.attributes['method']);
    const script = await call.fetch(callee, screening, document.url, method);
    const hungUp = script === undefined || (await interpret(call, callee, script));
    if (hungUp) {
      finish(call, target, 'completed', document);
      return {
        status: 'completed',
        legSid: callee.leg.sid,
        seconds: callee.leg.durationSeconds,
        bridged: false,
        recordingUrl: undefined,
      };
    }
  }
  call.answer(line);
  const talkMax = Number(verb.attributes['timeLimit'] ?? 14_400) || 14_400;
  const talkSeconds = Math.min(call.plan.talkSeconds, talkMax);
  call.elapsedSeconds += talkSeconds;
  const recording = isRecorded(verb)
    ? storeRecording(call, line.leg.sid, talkSeconds, 'DialVerb')
    : undefined;
  if (call.plan.hangUpBy === 'caller' && call.plan.talkSeconds <= talkMax) call.end(line);
  finish(call, target, 'completed', document);
  if (recording) reportRecording(call, line, recording, verb.attributes, document.url);
  return {
    status: 'completed',
    legSid: callee.leg.sid,
    seconds: callee.leg.durationSeconds,
    bridged: true,
    recordingUrl: recording && recordingUrl(call, recording),
  };
}

function isRecorded({ attributes }: Verb): boolean {
  return attributes['record'] !== undefined && !['false', 'do-not-record'].includes(attributes['record']);
}

function numbersOf(call: LiveCall, verb: Verb): Verb[] {
  const unknown = verb.children.filter((child) => child.name !== 'Number');
  for (const { name } of unknown) call.alert(12200, `The simulator cannot dial <${name}>`);
  const plain = verb.text === '' ? [] : [{ name: 'Number', attributes: {}, text: verb.text, children: [] }];
  return [...plain, ...verb.children.filter((child) => child.name === 'Number')].filter(({ text }) => {
    const number = text.replace(/[\s()-]/g, '');
    if (!isE164(number)) {
      call.alert(13223, `"${text}" is not a phone number that can be dialled`);
      return false;
    }
    if (call.world.ownerOf(number)) {
      call.alert(13224, `${number} belongs to this simulator: the call would go round in circles`);
      return false;
    }
    return true;
  });
}

/** The number the callee sees; undefined when Twilio would refuse it (error 13214). */
function callerIdOf(call: LiveCall, line: Line, { attributes }: Verb): string | undefined {
  const wanted = attributes['callerId'] ?? line.leg.from;
  const owned = call.world.ownerOf(wanted);
  const isAllowed =
    wanted === line.leg.from || wanted === line.leg.to || owned?.accountSid === call.account.sid;
  if (!isE164(wanted) || !isAllowed) {
    call.alert(13214, `The callerId "${wanted}" is neither of this call's numbers nor one of the account's`);
    return undefined;
  }
  return wanted;
}

function startRinging(
  call: LiveCall,
  number: Verb,
  callerId: string,
  timeoutSeconds: number,
  document: Document,
): Target[] {
  const to = number.text.replace(/[\s()-]/g, '');
  const phone = call.world.phones.get(to, call.plan.callee);
  const ringing = ring(phone, timeoutSeconds);
  const line: Line = {
    leg: call.dialledLeg(callerId, to),
    gone: false,
    answeredAtSeconds: undefined,
    // A machine presses nothing.
    digits: ringing.result === 'answered' ? phone.digits.replaceAll('w', '') : '',
  };
  const target: Target = { number, line, ringing, sequence: 0 };
  progress(call, target, 'initiated', document);
  progress(call, target, 'ringing', document);
  return [target];
}

function finish(call: LiveCall, target: Target, status: CallStatus, document: Document): void {
  call.end(target.line, status);
  progress(call, target, 'completed', document);
}

function progress(
  call: LiveCall,
  target: Target,
  event: 'initiated' | 'ringing' | 'answered' | 'completed',
  document: Document,
): void {
  const { attributes } = target.number;
  const address = attributes['statusCallback'];
  const events = (attributes['statusCallbackEvent'] ?? 'completed').split(/\s+/);
  if (address === undefined || address === '' || !events.includes(event)) return;
  const { leg } = target.line;
  const closing = event === 'completed' ? call.closing(leg) : {};
  call.notify(target.line, address, document.url, methodOf(attributes['statusCallbackMethod']), {
    CallbackSource: 'call-progress-events',
    Timestamp: rfc2822(call.instant()),
    ...closing,
    ...(event === 'initiated' && { CallStatus: 'initiated' }),
    SequenceNumber: String(target.sequence),
  });
  target.sequence += 1;
}
