import { rfc2822 } from '../date-format.ts';
import type { Recording } from '../entities.ts';
import { accountsRoot } from '../rest/route.ts';
import type { Verb } from '../twiml.ts';
import { methodOf } from '../webhooks/method.ts';
import { resolve } from '../webhooks/resolve.ts';
import type { Line } from './line.ts';
import type { Document, LiveCall } from './live-call.ts';

/** `<Record>`: what the caller says after the beep. */
export async function record(
  call: LiveCall,
  line: Line,
  document: Document,
  { attributes }: Verb,
): Promise<Document | 'next' | 'ended'> {
  call.answer(line);
  const { voicemail } = call.plan.caller;
  if (!voicemail || line !== call.caller || hasSpoken(call)) {
    // Hung up at the beep: nothing is recorded, and nobody is told.
    call.end(line);
    return 'ended';
  }
  call.elapsedSeconds += 1;
  if (voicemail.seconds === 0) {
    call.elapsedSeconds += Number(attributes['timeout'] ?? 5) || 5;
    return 'next';
  }
  const lengthMax = Number(attributes['maxLength'] ?? 3600) || 3600;
  const seconds = Math.min(voicemail.seconds, lengthMax);
  call.elapsedSeconds += seconds;
  const recording = storeRecording(call, call.caller.leg.sid, seconds, 'RecordVerb');
  const isCut = voicemail.seconds > lengthMax;
  const hasHungUp = !isCut && voicemail.endsWith === 'hangup';
  if (hasHungUp) call.end(line);
  const extra = {
    RecordingUrl: recordingUrl(call, recording),
    RecordingSid: recording.sid,
    RecordingDuration: String(seconds),
    ...(!isCut && { Digits: voicemail.endsWith }),
  };
  const method = methodOf(attributes['method']);
  const action = attributes['action'] ?? document.url;
  let next: Document | undefined;
  if (hasHungUp) {
    call.notify(line, action, document.url, method, extra);
  } else {
    next = await call.fetch(line, action, document.url, method, extra);
  }
  reportRecording(call, line, recording, attributes, document.url);
  transcribe(call, line, recording, attributes, document.url);
  if (!next) {
    if (!hasHungUp) call.apologise(line);
    return 'ended';
  }
  return next;
}

/** Keeps a recording; its sound is made up when somebody fetches it. */
export function storeRecording(
  call: LiveCall,
  callSid: string,
  seconds: number,
  source: Recording['source'],
): Recording {
  const recording: Recording = {
    sid: call.world.sids.next('RE', callSid),
    accountSid: call.account.sid,
    callSid,
    durationSeconds: Math.round(seconds),
    source,
    dateCreated: call.instant(),
  };
  call.world.recordings.push(recording);
  return recording;
}

export function recordingUrl(call: LiveCall, recording: Recording): string {
  return `${call.world.baseUrl}${accountsRoot}/${recording.accountSid}/Recordings/${recording.sid}`;
}

/** The `recordingStatusCallback`: it has no From and To, the call is found by its SID. */
export function reportRecording(
  call: LiveCall,
  line: Line,
  recording: Recording,
  attributes: Record<string, string>,
  base: string,
): void {
  const address = attributes['recordingStatusCallback'];
  if (address === undefined || address === '') return;
  call.world.webhooks.notify({
    subject: call.placed.sid,
    account: call.account,
    url: resolve(address, base),
    method: methodOf(attributes['recordingStatusCallbackMethod']),
    params: {
      AccountSid: recording.accountSid,
      CallSid: line.leg.sid,
      ErrorCode: '0',
      RecordingChannels: '1',
      RecordingDuration: String(recording.durationSeconds),
      RecordingSid: recording.sid,
      RecordingSource: recording.source,
      RecordingStartTime: rfc2822(recording.dateCreated),
      RecordingStatus: 'completed',
      RecordingTrack: 'both',
      RecordingUrl: recordingUrl(call, recording),
    },
  });
}

function transcribe(
  call: LiveCall,
  line: Line,
  recording: Recording,
  attributes: Record<string, string>,
  base: string,
): void {
  const address = attributes['transcribeCallback'];
  const isWanted = attributes['transcribe'] === 'true' || address !== undefined;
  if (!isWanted || address === undefined) return;
  // Twilio transcribes recordings of 2 to 120 seconds.
  const isPossible = recording.durationSeconds >= 2 && recording.durationSeconds <= 120;
  const sid = call.world.sids.next('TR', recording.sid);
  const text = isPossible ? (call.plan.caller.voicemail?.transcript ?? '') : '';
  call.world.transcriptions.push({
    sid,
    accountSid: recording.accountSid,
    recordingSid: recording.sid,
    durationSeconds: recording.durationSeconds,
    text,
    status: isPossible ? 'completed' : 'failed',
    dateCreated: call.instant(),
  });
  call.notify(line, address, base, 'POST', {
    RecordingSid: recording.sid,
    RecordingUrl: recordingUrl(call, recording),
    TranscriptionSid: sid,
    TranscriptionStatus: isPossible ? 'completed' : 'failed',
    TranscriptionText: text,
    TranscriptionType: 'fast',
    TranscriptionUrl: `${recordingUrl(call, recording)}/Transcriptions/${sid}`,
  });
}

function hasSpoken(call: LiveCall): boolean {
  return call.world.recordings.some((it) => it.callSid === call.caller.leg.sid && it.source === 'RecordVerb');
}
