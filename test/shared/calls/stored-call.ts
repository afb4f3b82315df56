import { type Call, readCall } from '#shared/calls/call.ts';
import type { Routing } from '#shared/calls/routing.ts';
import { callIdOf, type E164, type OwnerId } from '#shared/id.ts';

export const callStart = '2026-03-02T18:00:00.000Z';

/** The n-th CallSid. */
export function callSid(n: number): string {
  return `CA${n.toString(16).padStart(32, '0')}`;
}

export const forwarded: Extract<Routing, { kind: 'forward' }> = {
  kind: 'forward',
  djProfileId: 'dj-ben' as OwnerId,
  displayName: 'DJ Ben',
  realPhoneNumber: '+19015550111' as E164,
  ringTimeoutSeconds: 18,
  voicemailGreeting: null,
  language: 'en',
  timeZone: 'America/Chicago',
  smsFollowUp: true,
  missedCallText: false,
  alerts: [],
  depositCents: null,
  depositDescription: null,
  smsStatus: 'ready',
  whisper: null,
  screened: false,
  recorded: false,
  suspicious: false,
};

/** A call's item as webhooks leave it, with `facts` over the defaults of a forwarded call that rings. */
export function callItem(facts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    pk: `CALL#${callIdOf(callSid(1))}`,
    sk: 'CALL',
    entity: 'call',
    id: callIdOf(callSid(1)),
    callSid: callSid(1),
    source: 'twilio',
    djProfileId: 'dj-ben',
    virtualNumber: '+19015550100',
    callerNumber: '+16155550123',
    seenAt: callStart,
    incomingAt: callStart,
    routing: forwarded,
    createdAt: callStart,
    updatedAt: callStart,
    ...facts,
  };
}

export function storedCall(facts: Record<string, unknown> = {}): Call {
  return readCall(callItem(facts));
}

/** The caller's leg reached this state. */
export function leg(durationSeconds = 0, at = callStart) {
  return { at, durationSeconds };
}

/** Forwarding ended. */
export function dial(talkSeconds?: number, at = callStart) {
  return { at, bridged: talkSeconds !== undefined, talkSeconds: talkSeconds ?? 0 };
}

export function voicemail(durationSeconds: number, at = callStart) {
  return {
    at,
    recordingSid: `RE${'0'.repeat(32)}`,
    recordingUrl: 'https://api.example.com/recording',
    durationSeconds,
  };
}
