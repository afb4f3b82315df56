// This folder shows, erases and in time forgets what is held on a caller.

import { type Call, hashedCaller } from '#shared/calls/call.ts';
import { isDecided } from '#shared/calls/places.ts';
import { addSeconds } from '#shared/clock.ts';
import { eventDays } from '#shared/platform-events/event.repository.ts';
import type { Changes } from '#shared/table/conditions.ts';

/**
 * What takes the caller off a call, and leaves all that counts for statistics and money. `hash` stands for their number
 * from then on, so that their calls still belong together; no text can be sent to it. Name and transcription are kept as
 * null rather than removed: a late webhook writes only where nothing stands.
 */
export function forgetCaller(call: Call, hash: string | undefined, now: Date): Changes {
  const at = now.toISOString();
  const detail = call.followUp?.detail;
  return {
    set: {
      ...(hash !== undefined && { callerNumber: hashedCaller + hash }),
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
      'forgettingAt',
      'gsi2pk',
      'gsi2sk',
      ...(call.followUp?.text == null ? [] : ['followUp.text']),
    ],
  };
}

/** True when the caller may be known elsewhere too: by a recording, or by an event that is still kept. */
export function mayHaveTraces({ recording, voicemail, updatedAt }: Call, now: Date): boolean {
  return recording != null || voicemail != null || new Date(updatedAt) > addSeconds(now, -eventDays * 86_400);
}

/** True when a text after the call was written at least: what was skipped before that never was. */
export function mayHaveBeenTexted({ followUp, textAttempts }: Call): boolean {
  return followUp != null && (followUp.status !== 'skipped' || textAttempts.length > 0);
}

/** True while the call may still be texted or told of: its caller is needed until that is decided. */
export function isOpen(call: Call): boolean {
  return call.source === 'twilio' && !isDecided(call);
}
