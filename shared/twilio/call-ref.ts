import type { CallRef } from '#shared/calls/facts.ts';
import { Failure } from '#shared/failure.ts';
import { type CallId, isCallId, isCallSid, isE164 } from '#shared/id.ts';
import type { Form } from './webhook.ts';

/**
 * The call that a voice webhook speaks of. A caller who hides his number is `anonymous`.
 * @throws Failure VALIDATION_FAILED when CallSid or To is missing or CallSid is none
 */
export function callRefOf(form: Form): CallRef {
  const callSid = form.need('CallSid');
  if (!isCallSid(callSid)) {
    throw new Failure('VALIDATION_FAILED', undefined, {
      details: [{ path: 'body.CallSid', message: 'is not a CallSid' }],
    });
  }
  return { callSid, virtualNumber: form.need('To'), callerNumber: callerOf(form.get('From')) };
}

/** What Twilio puts for a caller who hides his number: words on a telephone's keys (ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN ...). */
const hiddenNumbers = new Set(['+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253']);

/** The number of a caller; `anonymous` for one who hides it, or who has none in the form +CountryNumber. */
export function callerOf(from: string | undefined): string {
  return from !== undefined && isE164(from) && !hiddenNumbers.has(from) ? from : 'anonymous';
}

/** A count of seconds as Twilio sends it; 0 when it is missing or no number. */
export function secondsOf(text: string | undefined): number {
  const seconds = Number(text ?? 0);
  return Number.isInteger(seconds) && seconds >= 0 ? seconds : 0;
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
