import type * as z from 'zod';
import { toDecimal } from '#shared/money.ts';
import { ownOf } from './attribution.ts';
import { type Call, eventTypeOf, isBooked, pageUrlOf } from './call.ts';
import type { callReply } from './fields.ts';
import { leadScoreOf } from './lead-score.ts';
import { notesOf } from './notes-of.ts';
import { recordingOf } from './recording-of.ts';
import { settle } from './settle.ts';
import { spamOf } from './spam.ts';
import { startOf } from './start-of.ts';

/** A call in the API's words. */
export function callReplyOf(call: Call): z.input<typeof callReply> {
  const settled = settle(call);
  const lead = leadScoreOf(call, settled);
  const spam = spamOf(call, settled);
  const netCents = call.paidCents - call.refundedCents;
  const followUp = followUpOf(call);
  return {
    id: call.id,
    dj_profile_id: call.djProfileId ?? null,
    virtual_number: call.virtualNumber ?? null,
    caller_number: call.callerNumber ?? null,
    caller_name: call.callerName ?? null,
    timestamp: startOf(call),
    page_url: pageUrlOf(call) ?? null,
    event_type: eventTypeOf(call) ?? null,
    lead_score: lead.score,
    lead_score_reasons: lead.reasons,
    is_booked: isBooked(call),
    is_spam: spam.isSpam,
    spam_reasons: spam.reasons,
    call_duration_seconds: settled.durationSeconds,
    talk_time_seconds: settled.talkSeconds,
    call_status: settled.status,
    outcome: settled.outcome,
    answered_by: settled.outcome === 'answered' ? answererOf(call) : null,
    call_sid: call.callSid ?? null,
    source: call.source,
    tipjar_link_sent: wasTexted(call),
    tipjar_link: call.session?.url ?? null,
    tipjar_payment_received: call.paymentCount > 0,
    tipjar_payment_amount: toDecimal(netCents),
    recording: call.recording == null ? null : { duration_seconds: call.recording.durationSeconds },
    voicemail:
      recordingOf(call, 'voicemail') === undefined
        ? null
        : { duration_seconds: call.voicemail?.durationSeconds ?? 0 },
    voicemail_transcription: call.transcription?.text ?? null,
    attribution: attributionOf(call),
    follow_up: followUp,
    product_context: 'djdash',
    tags: call.edits.tags?.value ?? [],
    notes: notesOf(call),
    created_at: call.createdAt,
    updated_at: call.updatedAt,
  };
}

/** Who must press 1 and was connected has pressed it, even if the note of that was lost. */
function answererOf({ accepted, routing }: Call): 'person' | 'unknown' {
  const isScreened = routing?.kind === 'forward' && routing.screened;
  return accepted != null || isScreened ? 'person' : 'unknown';
}

function attributionOf({ attribution }: Call): z.input<typeof callReply>['attribution'] {
  if (attribution == null) return null;
  const own = ownOf(attribution);
  return {
    click_id: attribution.clickId,
    confidence: own?.confidence ?? 0,
    referrer: attribution.referrer ?? null,
    utm: attribution.utm ?? {},
    other_clicks: attribution.unlisted,
    more_clicks: attribution.unread,
    candidates: attribution.candidates.map((click) => ({
      click_id: click.id,
      clicked_at: click.at,
      page_url: click.pageUrl,
      event_type: click.eventType ?? null,
      confidence: click.confidence,
    })),
  };
}

/** True when the payment link went out, whatever became of it on its way. */
export function wasTexted(call: Call): boolean {
  return call.followUp?.status === 'sent' && call.followUp.kind !== 'missed-call';
}

/** The follow-up, with the last thing the carrier said of its delivery. */
export function followUpOf(call: Call): z.input<typeof callReply>['follow_up'] {
  const { followUp, deliveries } = call;
  if (followUp == null) return { status: 'none', reason: null, kind: null, variant: null };
  const { status, reason = null, kind = null, variant = null } = followUp;
  const last = (['delivered', 'undelivered', 'failed'] as const).find((state) => state in deliveries);
  return { status: status === 'sent' ? (last ?? 'sent') : status, reason, kind, variant };
}
