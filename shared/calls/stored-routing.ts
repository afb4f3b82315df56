import * as z from 'zod';
import type { E164, OwnerId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';

/**
 * How a call is handled, as it is kept with the call. What has a default came later than calls that are kept.
 * `routing.ts` makes one without this schema.
 */
export const storedRouting = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('forward'),
    djProfileId: keptId<OwnerId>(),
    displayName: z.string().nullable(),
    realPhoneNumber: keptId<E164>(),
    ringTimeoutSeconds: z.int(),
    voicemailGreeting: z.string().nullable(),
    language: z.string(),
    timeZone: z.string(),
    smsFollowUp: z.boolean(),
    /** True when callers are texted after a call that nobody took. */
    missedCallText: z.boolean().default(false),
    /** What the DJ is told of by text. */
    alerts: z.array(z.enum(['missed-call', 'voicemail'])).default([]),
    smsStatus: z.string(),
    /** What the DJ hears before they are connected. */
    whisper: z.string().nullable(),
    /** True when they must press 1 to take the call. */
    screened: z.boolean(),
    /** True when the conversation is recorded, and the caller told so. */
    recorded: z.boolean(),
    /** True when the call was taken for spam while it rang: it is not recorded, and a voicemail of it is cut short. */
    suspicious: z.boolean().default(false),
    /** What callers are asked to pay; null: they choose. */
    depositCents: z.int().nullable().default(null),
    depositDescription: z.string().nullable().default(null),
  }),
  /** Nobody takes the call: no DJ holds the number, or it is a tenant's. */
  z.object({
    kind: z.literal('misdirected'),
    djProfileId: keptId<OwnerId>().nullable(),
    timeZone: z.string(),
  }),
  /** The caller is on a block list, or has had all calls of the day. */
  z.object({
    kind: z.literal('blocked'),
    djProfileId: keptId<OwnerId>().nullable(),
    by: z.enum(['dj', 'platform', 'limit']),
    timeZone: z.string(),
  }),
]);
