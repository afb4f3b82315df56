// This folder is about one call: its facts, how it is answered, what became of it, and how it is shown.

import * as z from 'zod';
import { storedCallerFact } from '#shared/callers/stored-caller-fact.ts';
import type { CallId, E164, MessageSid, OwnerId, SessionId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';
import type { Caller } from '#shared/table/keys.ts';
import { storedAttribution } from './attribution.ts';
import { storedEdits } from './edits.ts';
import { followUpKinds, keptFollowUpStatuses, skipReasons } from './fields.ts';
import { storedRouting } from './stored-routing.ts';

const instant = z.string();
const cents = z.int().default(0);

const recording = z.object({
  at: instant,
  recordingSid: z.string(),
  recordingUrl: z.string().nullable(),
  durationSeconds: z.int(),
});

const followUp = z.object({
  status: z.enum(keptFollowUpStatuses),
  reason: z.enum(skipReasons).nullish(),
  detail: z.string().nullish(),
  at: instant,
  claimedAt: instant.nullish(),
  leaseUntil: instant.nullish(),
  messageSid: keptId<MessageSid>().nullish(),
  kind: z.enum(followUpKinds).nullish(),
  /** Which text variant was sent. */
  variant: z.string().nullish(),
  /** What is about to be sent, under a claim only: whoever takes the claim over looks for just this text. */
  text: z.object({ kind: z.enum(followUpKinds), variant: z.string(), body: z.string() }).nullish(),
});

/** With a code: an attempt to send the text failed. Without: another one began. */
const textAttempt = z.object({
  at: instant,
  code: z.string().nullish(),
  /** Twilio's own number of the error, where it gave one. */
  twilioCode: z.int().nullish(),
});

/** What the platform's backend reported of a call, each part as it was last told. */
const reported = z.object({
  callStatus: z.string().optional(),
  durationSeconds: z.int().optional(),
  timestamp: instant.optional(),
  pageUrl: z.string().optional(),
  eventType: z.string().optional(),
  notes: z.string().optional(),
});

/** A call as the table keeps it: facts, each from the webhook that knew it. `settle` says what they mean. */
export const storedCall = z.object({
  id: keptId<CallId>(),
  callSid: z.string().nullish(),
  source: z.enum(['twilio', 'api']),
  /** Its owner, by the name that the attribute has had since there were only DJs. */
  djProfileId: keptId<OwnerId>().nullish(),
  virtualNumber: keptId<E164>().nullish(),
  callerNumber: keptId<Caller | HashedCaller>().nullish(),
  callerName: z.string().nullish(),
  seenAt: instant,
  incomingAt: instant.nullish(),
  routing: storedRouting.nullish(),
  /** What was known of the caller when they called. */
  caller: storedCallerFact.nullish(),
  /** The click that it came from, and all that it may have come from. */
  attribution: storedAttribution.nullish(),
  /** How often that was written or taken away. */
  attributionRevision: z.int().default(0),
  statuses: z.record(z.string(), z.object({ at: instant, durationSeconds: z.int() })),
  dials: z.record(
    z.string(),
    z.object({
      at: instant,
      bridged: z.boolean(),
      talkSeconds: z.int(),
      callerGone: z.boolean().default(false),
    }),
  ),
  /** The DJ pressed 1 to take the call. */
  accepted: z.object({ at: instant }).nullish(),
  recording: recording.nullish(),
  voicemail: recording.nullish(),
  transcription: z.object({ at: instant, text: z.string() }).nullish(),
  /** When the sweeper gave up waiting for the rest of the call's webhooks. */
  sweptAt: instant.nullish(),
  reported,
  /** What people set; it wins over everything else. */
  edits: storedEdits,
  /** When the text was put off until the morning of the caller. */
  deferredAt: instant.nullish(),
  followUp: followUp.nullish(),
  /** The last attempts to send its text that failed, and those that began after one that had. */
  textAttempts: z.array(textAttempt).default([]),
  deliveries: z.record(
    z.string(),
    z.object({ at: instant, errorCode: z.string().nullish(), from: keptId<E164>().nullish() }),
  ),
  /** Texts that its caller sent before they called again, by Twilio's ids; the first ones. */
  texts: z.record(z.string(), z.object({ at: instant, mediaCount: z.int() })),
  session: z.object({ id: keptId<SessionId>(), url: z.string(), at: instant }).nullish(),
  paidCents: cents,
  refundedCents: cents,
  cutCents: cents,
  paymentCount: cents,
  lastPaidAt: instant.nullish(),
  /** When somebody began to forget its caller; it may still have them. */
  forgettingAt: instant.nullish(),
  /** When number, name and words of the caller were taken off the call. */
  forgottenAt: instant.nullish(),
  createdAt: instant,
  updatedAt: instant,
});

export type Call = z.output<typeof storedCall>;

/** A call's item, its `status_…`, `dial_…`, `delivery_…`, `text_…`, `reported_…` and `edit_…` attributes gathered, checked and typed. */
export function readCall(item: Readonly<Record<string, unknown>>): Call {
  const gathered = (prefix: string) =>
    Object.fromEntries(
      Object.entries(item)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  return storedCall.parse({
    ...item,
    statuses: gathered('status_'),
    dials: gathered('dial_'),
    deliveries: gathered('delivery_'),
    texts: gathered('text_'),
    reported: gathered('reported_'),
    edits: gathered('edit_'),
  });
}

/** Stands before the keyed hash of a caller who was forgotten, where their number stood. */
export const hashedCaller = 'hash:';
type HashedCaller = `${typeof hashedCaller}${string}`;

/** The number of a caller, when it tells who they are: neither hidden nor already a hash. */
export function namedNumber(callerNumber: string | null | undefined): E164 | undefined {
  if (callerNumber == null || callerNumber === 'anonymous' || callerNumber.startsWith(hashedCaller))
    return undefined;
  return callerNumber as E164;
}

/** True from the moment on that its caller is being forgotten: nothing more that tells of them may be kept. */
export function isForgotten({ forgettingAt, forgottenAt }: Call): boolean {
  return forgettingAt != null || forgottenAt != null;
}

/** The page that it came from, as the platform reported it or clicks tell without a doubt. */
export function pageUrlOf({ reported, attribution }: Call): string | undefined {
  return reported.pageUrl ?? attribution?.agreed.pageUrl ?? undefined;
}

/** What the caller wants a DJ for, as a person set it, the platform reported it or clicks tell without a doubt. */
export function eventTypeOf({ edits, reported, attribution }: Call): string | undefined {
  return edits.event_type?.value ?? reported.eventType ?? attribution?.agreed.eventType ?? undefined;
}

/** Whether the call became a booking: as a person set it, else when money of it is left. */
export function isBooked({ edits, paidCents, refundedCents }: Call): boolean {
  return edits.is_booked?.value ?? paidCents > refundedCents;
}
