import * as z from 'zod';
import { callWithTimelineReply } from '#shared/calls/fields.ts';

/** Everything held on one phone number, as the API answers it. */
export const exportReply = z
  .object({
    phone_number: z.string(),
    calls: z.array(callWithTimelineReply),
    received_texts: z.array(
      z.object({
        message_sid: z.string(),
        to: z.string(),
        body: z.string(),
        media_count: z.int(),
        at: z.string(),
      }),
    ),
    sent_texts: z
      .array(
        z.object({
          kind: z.enum(['payment-link', 'missed-call', 'reply']),
          call_id: z.string().nullable(),
          body: z.string(),
          at: z.string(),
        }),
      )
      .meta({ description: 'What was texted after the calls, and in answer to the texts, of this page' }),
    blocks: z.array(
      z.object({
        dj_profile_id: z.string().nullable().meta({ description: "null on the platform's own list" }),
        reason: z.string().nullable(),
        blocked_by: z.string(),
        blocked_at: z.string(),
      }),
    ),
    consent: z
      .object({
        texts_allowed: z.boolean(),
        source: z.string().meta({ description: 'How they said so, such as STOP' }),
        since: z.string(),
      })
      .nullable()
      .meta({ description: 'null if the phone never opted out or in' }),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'CallerData' });

/** What was erased of one phone number, or would be. */
export const erasedReply = z
  .object({
    dry_run: z.boolean(),
    calls: z.int().meta({ description: 'With their recordings, also at Twilio, and their events' }),
    failed_calls: z.int().meta({
      description: 'Calls that still show their caller, because a recording could not be deleted: ask again',
    }),
    received_texts: z.int(),
    blocks: z.int(),
    open_calls: z.int().meta({
      description: 'Calls in progress, or whose text is not decided yet: they show their caller until then',
    }),
    consent_kept: z
      .boolean()
      .meta({ description: 'An opt-out from texts stays, under a keyed hash of the number' }),
    complete: z.boolean().meta({ description: '`false` if something is left: ask again' }),
  })
  .meta({ id: 'Erasure' });
