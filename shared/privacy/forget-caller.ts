import type { Call } from '#shared/calls/call.ts';
import type { Changes } from '#shared/table/conditions.ts';

const hashed = 'hash:';

/** The caller's number, when it tells who he is: neither hidden nor already a hash. */
export function namedCaller({ callerNumber }: Call): string | undefined {
  if (callerNumber == null || callerNumber === 'anonymous' || callerNumber.startsWith(hashed))
    return undefined;
  return callerNumber;
}

/**
 * What takes the caller off a call, and leaves all that counts for statistics and money. `hash` stands for his number
 * from then on, so that his calls still belong together; no text can be sent to it. Name and transcription are kept as
 * null rather than removed: a late webhook writes only where nothing stands.
 */
export function forgetCaller(call: Call, hash: string | undefined, now: Date): Changes {
  const at = now.toISOString();
  const detail = call.followUp?.detail;
  return {
    set: {
      ...(hash !== undefined && { callerNumber: hashed + hash }),
      callerName: null,
      transcription: null,
      // Twilio's sentence behind its code may quote the number.
      ...(detail != null && { 'followUp.detail': detail.split(':')[0] }),
      forgottenAt: call.forgottenAt ?? at,
      updatedAt: at,
    },
    remove: [
      'edit_notes',
      'reported_notes',
      'gsi2pk',
      'gsi2sk',
      ...(call.followUp?.text == null ? [] : ['followUp.text']),
    ],
  };
}

/** True while the call may still be texted or told of: its caller is needed until that is decided. */
export function isOpen(call: Call): boolean {
  return call.source === 'twilio' && (call.followUp == null || call.followUp.status === 'claimed');
}
