import type { Phone } from './phones.ts';

export interface RingResult {
  result: 'answered' | 'voicemail' | 'busy' | 'no-answer';
  /** Seconds of ringing before that. */
  atSeconds: number;
}

/** Twilio rings five seconds longer than `timeout` says. */
export const hiddenRingSeconds = 5;
/** When a carrier's own voicemail usually takes a call over. */
const carrierVoicemailSeconds = 22;

/** How one phone reacts to being rung for `timeoutSeconds`. */
export function ring(phone: Phone, timeoutSeconds: number): RingResult {
  const limit = timeoutSeconds + hiddenRingSeconds;
  const reaction = reactionOf(phone);
  return reaction.atSeconds > limit ? { result: 'no-answer', atSeconds: limit } : reaction;
}

function reactionOf(phone: Phone): RingResult {
  if (phone.busy) return { result: 'busy', atSeconds: 1 };
  const voicemail: RingResult = { result: 'voicemail', atSeconds: carrierVoicemailSeconds };
  if (phone.declines) {
    const atSeconds = Math.min(phone.afterSeconds, carrierVoicemailSeconds);
    return phone.carrierVoicemail ? { result: 'voicemail', atSeconds } : { result: 'busy', atSeconds };
  }
  if (phone.carrierVoicemail && (!phone.answers || phone.afterSeconds > carrierVoicemailSeconds))
    return voicemail;
  return phone.answers
    ? { result: 'answered', atSeconds: phone.afterSeconds }
    : { result: 'no-answer', atSeconds: Number.POSITIVE_INFINITY };
}
