import * as z from 'zod';

/** How a finished call ended, in the words of the seed. */
export const callStatuses = ['completed', 'no-answer', 'busy', 'failed', 'voicemail'] as const;

/** What really happened; finer than the status. */
export const outcomes = [
  'answered',
  'voicemail',
  'missed',
  'busy',
  'failed',
  'abandoned',
  'declined',
  'misdirected',
  'blocked',
] as const;

/** The API was published with one more, which no call ever has; clients may name it. */
const publishedOutcomes = [...outcomes, 'unreachable'] as const;

export const leadScores = ['hot', 'warm', 'cold'] as const;

/** What a caller is texted: the payment link after a conversation, a word after a call that nobody took. */
export const followUpKinds = ['payment-link', 'missed-call'] as const;

/** What is kept of a follow-up; none is kept until it is claimed or skipped. */
export const keptFollowUpStatuses = ['claimed', 'sent', 'failed', 'skipped'] as const;

/** The same as the API answers it, with what the carrier said of the text. */
export const followUpStatuses = [
  'none',
  'claimed',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'skipped',
] as const;

/** Why a call was not followed up by text. */
export const skipReasons = [
  'no-conversation',
  'disabled',
  'opted-out',
  'not-textable',
  'forged',
  'destination',
  'already-texted',
  'no-sender',
  'stale',
  'spam',
  'capped',
  'stopped',
] as const;

/** Where a call came from. */
const attributionReply = z
  .object({
    click_id: z.string(),
    confidence: z.number().meta({
      description:
        'Between 0 and 1, among all clicks the call may have come from; 0 if there were too many to read',
    }),
    referrer: z.string().nullable(),
    utm: z.record(z.string(), z.string()),
    other_clicks: z
      .int()
      .meta({ description: 'How many clicks it may have come from besides the candidates' }),
    more_clicks: z.boolean().meta({ description: 'There were even more clicks, too many to read' }),
    candidates: z.array(
      z.object({
        click_id: z.string(),
        clicked_at: z.string(),
        page_url: z.string().meta({ description: 'The first 512 characters' }),
        event_type: z.string().nullable(),
        confidence: z.number(),
      }),
    ),
  })
  .meta({ id: 'Attribution' });

/** A call as the API answers it. */
export const callReply = z
  .object({
    id: z.string(),
    dj_profile_id: z.string().nullable(),
    virtual_number: z.string().nullable(),
    caller_number: z
      .string()
      .nullable()
      .meta({ description: 'E.164, `anonymous`, or `hash:` and a keyed hash once the caller is forgotten' }),
    caller_name: z.string().nullable(),
    timestamp: z.string(),
    page_url: z.string().nullable(),
    event_type: z.string().nullable(),
    lead_score: z.enum(leadScores),
    lead_score_reasons: z.array(z.string()),
    is_booked: z.boolean(),
    is_spam: z
      .boolean()
      .meta({ description: 'Left out of the figures and not texted; a person can undo it' }),
    spam_reasons: z.array(z.string()),
    call_duration_seconds: z.int(),
    talk_time_seconds: z.int(),
    call_status: z.enum([...callStatuses, 'ringing', 'in-progress']),
    outcome: z.enum(publishedOutcomes).nullable(),
    answered_by: z
      .enum(['person', 'unknown'])
      .nullable()
      .meta({ description: '`person` only if 1 was pressed to take the call' }),
    call_sid: z.string().nullable(),
    source: z.enum(['twilio', 'api']),
    tipjar_link_sent: z.boolean(),
    tipjar_link: z.string().nullable(),
    tipjar_payment_received: z.boolean(),
    tipjar_payment_amount: z.number().meta({ description: 'Net of refunds, in currency units' }),
    recording: z
      .object({ duration_seconds: z.int() })
      .nullable()
      .meta({ description: 'Of the conversation, if the number records calls' }),
    voicemail: z.object({ duration_seconds: z.int() }).nullable(),
    voicemail_transcription: z.string().nullable(),
    attribution: attributionReply
      .nullable()
      .meta({ description: 'The click that the call came from, with all clicks it may have come from' }),
    follow_up: z.object({
      status: z.enum(followUpStatuses),
      reason: z.enum(skipReasons).nullable(),
      kind: z.enum(followUpKinds).nullable(),
      variant: z.string().nullable().meta({ description: 'Which text variant was sent' }),
    }),
    product_context: z.literal('djdash'),
    tags: z.array(z.string()),
    notes: z
      .string()
      .nullable()
      .meta({ description: 'The words of a voicemail go here while the notes are empty' }),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Call' });

/** One thing that happened to a call, in plain words. */
export const timelineEntry = z.object({ at: z.string(), what: z.string() }).meta({ id: 'TimelineEntry' });

/** A call with everything that happened to it. */
export const callWithTimelineReply = callReply
  .extend({ timeline: z.array(timelineEntry) })
  .meta({ id: 'CallWithTimeline' });
