import { Failure } from '#shared/failure.ts';
import { type CallId, type E164, isCallId, isE164 } from '#shared/id.ts';
import type { Caller } from '#shared/table/keys.ts';
import { e164, type Form, seconds, sid, webAddress } from './form.ts';

/** Which call a webhook speaks of, as every one of its webhooks knows it. */
export interface CallRef {
  callSid: string;
  virtualNumber: E164;
  callerNumber: Caller;
}

/**
 * The call that a voice webhook speaks of. A caller who hides their number is `anonymous`.
 * @throws Failure VALIDATION_FAILED when CallSid or To is missing or none
 */
export function callRefOf(form: Form): CallRef {
  return {
    callSid: form.need('CallSid', sid('CA')),
    virtualNumber: form.need('To', e164),
    callerNumber: callerOf(form.get('From', e164)),
  };
}

/** What Twilio puts for a caller who hides their number: words on a telephone's keys (ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN ...). */
const hiddenNumbers = new Set(['+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253']);

/** The number of a caller; `anonymous` for one who hides it, or who has none in the form +CountryNumber. */
export function callerOf(from: string | undefined): Caller {
  return from !== undefined && isE164(from) && !hiddenNumbers.has(from) ? from : 'anonymous';
}

/**
 * The recording that a webhook speaks of.
 * @throws Failure VALIDATION_FAILED when RecordingSid is missing or none
 */
export function recordingIn(form: Form) {
  return {
    recordingSid: form.need('RecordingSid', sid('RE')),
    recordingUrl: form.get('RecordingUrl', webAddress) ?? null,
    durationSeconds: form.get('RecordingDuration', seconds) ?? 0,
  };
}

/**
 * The call that the path of a webhook names.
 * @throws Failure NOT_FOUND when it names none
 */
export function callIdIn(params: { callId?: string | undefined }): CallId {
  const { callId = '' } = params;
  if (!isCallId(callId)) throw new Failure('NOT_FOUND', 'The path names no call');
  return callId;
}
