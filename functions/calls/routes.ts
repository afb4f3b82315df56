import * as z from 'zod';
import { clickFields } from '#shared/attribution/click-fields.ts';
import { callEdits } from '#shared/calls/edits.ts';
import { callReply, callStatuses, callWithTimelineReply, leadScores } from '#shared/calls/fields.ts';
import { isCall } from '#shared/calls/log-call.ts';
import { exportReply } from '#shared/exports/fields.ts';
import {
  callIdOrSid,
  cursor,
  dayOrInstant,
  djProfileId,
  e164,
  limit,
  productContext,
} from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';
import { recordingKinds } from '#shared/recording-kinds.ts';
import { textReply } from '#shared/threads/fields.ts';

/** Which calls a list shows, and which page of it. In an arrow, like the routes: bundles of others leave it out. */
const listQuery = () => ({
  dj_profile_id: djProfileId.optional(),
  start_date: dayOrInstant.optional(),
  end_date: dayOrInstant.optional(),
  call_status: z.enum(callStatuses).optional(),
  lead_score: z.enum(leadScores).optional(),
  is_booked: z.stringbool({ error: 'must be true or false' }).optional(),
  limit,
  cursor: cursor.optional(),
});

const callPage = () => z.object({ calls: z.array(callReply), next_cursor: z.string().nullable() });

export const answerCall = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/incoming',
    summary: 'Twilio asks what to do with a call to a virtual number',
    auth: ['twilio'],
    grants: [
      'twilio:signature',
      'number:read',
      'dj:read',
      'caller:read',
      'callCounts:write',
      'usage:write',
      'call:write',
      'calls:policy',
    ],
    status: 200,
  });

export const completeDial = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/dial-result/{callId}',
    summary: "Twilio reports how forwarding to the DJ's phone ended, and asks what to do next",
    auth: ['twilio'],
    grants: ['twilio:signature', 'call:write'],
    status: 200,
  });

export const answerWhisper = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/whisper/{callId}',
    summary:
      "The DJ's phone was answered: announce the call, and have the DJ press 1 if they want to be asked",
    auth: ['twilio'],
    grants: ['twilio:signature', 'call:read', 'call:write'],
    status: 200,
  });

export const receiveRecording = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/recording/{callId}',
    summary: 'Twilio reports a finished recording of a call',
    auth: ['twilio'],
    grants: ['twilio:signature', 'call:write'],
    status: 204,
  });

export const recordCallStatus = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/webhook',
    summary: 'Twilio reports the state of a call',
    auth: ['twilio'],
    grants: ['twilio:signature', 'call:write'],
    status: 204,
  });

export const receiveVoicemail = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/voicemail',
    summary: 'Twilio reports a voicemail, or its transcription',
    auth: ['twilio'],
    grants: ['twilio:signature', 'call:write'],
    status: 200,
    otherReplies: { 204: 'empty' },
  });

export const answerFallback = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/fallback',
    summary: 'Twilio could not reach the call handler: apologize and take a voicemail',
    auth: ['twilio'],
    grants: ['twilio:signature'],
    status: 200,
  });

export const logCall = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls',
    summary: 'Log a call by hand, add to a call that Twilio knows, or report a click on a page',
    auth: ['admin', 'service'],
    grants: [
      'call:read',
      'call:write',
      'clicks:write',
      'dj:read',
      'idempotency:read',
      'idempotency:write',
      'retention:policy',
    ],
    body: z
      .strictObject({
        dj_profile_id: djProfileId,
        virtual_number: e164.optional(),
        caller_number: z
          .union([z.literal('anonymous'), e164], 'must be in E.164 shape or "anonymous"')
          .optional(),
        caller_name: freeText.trim().min(1).max(120).optional(),
        timestamp: z.iso.datetime({ offset: true }).optional().meta({
          description:
            'When the call began: at most 366 days back, less where callers are forgotten sooner, and at most one day ahead',
        }),
        ...clickFields,
        page_url: clickFields.page_url.optional(),
        call_sid: z
          .string()
          .regex(/^CA[0-9a-f]{32}$/, 'must be CA and 32 hexadecimal digits')
          .optional(),
        call_status: z.enum(callStatuses).optional(),
        call_duration_seconds: z.int().min(0).max(86_400).optional(),
        notes: freeText.max(4000).optional(),
        product_context: productContext.optional(),
      })
      .refine((body) => isCall(body) || body.page_url !== undefined, {
        path: ['page_url'],
        message:
          'is needed to note a click; or send caller_number, call_status or call_duration_seconds to log a call by hand, or call_sid to add to a call that Twilio knows',
      }),
    status: 201,
    reply: z.object({ call: callReply }),
    otherReplies: {
      202: z.object({ click: z.object({ id: z.string(), clicked_at: z.string() }).meta({ id: 'Click' }) }),
    },
    failures: ['NOT_FOUND'],
  });

export const listCalls = () =>
  route({
    method: 'GET',
    path: '/api/djdash/calls',
    summary: "List a DJ's calls, newest first",
    auth: ['admin', 'service', 'dj'],
    grants: ['djCalls:read', 'call:read', 'dj:read', 'cursors:key'],
    query: z.strictObject({
      ...listQuery(),
      product_context: productContext.optional(),
    }),
    status: 200,
    reply: callPage(),
  });

export const getCall = () =>
  route({
    method: 'GET',
    path: '/api/djdash/calls/{id}',
    summary: 'Read one call, by its id or CallSid, with its timeline',
    auth: ['admin', 'service', 'dj'],
    grants: ['call:read'],
    params: z.object({ id: callIdOrSid }),
    status: 200,
    reply: z.object({ call: callWithTimelineReply }),
  });

export const listTexts = () =>
  route({
    method: 'GET',
    path: '/api/djdash/calls/{id}/texts',
    summary: 'Read what the caller of a call and the DJ texted each other, oldest first',
    auth: ['admin', 'service', 'dj'],
    grants: ['call:read', 'texts:read', 'cursors:key'],
    params: z.object({ id: callIdOrSid }),
    query: z.strictObject({ limit, cursor: cursor.optional() }),
    status: 200,
    reply: z.object({ texts: z.array(textReply), next_cursor: z.string().nullable() }),
  });

export const getRecording = () =>
  route({
    method: 'GET',
    path: '/api/djdash/calls/{id}/recording',
    summary:
      'Listen to the recording or voicemail of a call: redirects to a link that is valid for 5 minutes',
    auth: ['admin', 'service', 'dj'],
    grants: ['call:read', 'recording:read', 'files:read-recordings'],
    params: z.object({ id: callIdOrSid }),
    query: z.strictObject({
      kind: z.enum(recordingKinds).default('call'),
      as: z.enum(['redirect', 'json']).default('redirect').meta({
        description: 'A program in a browser cannot read where a redirect leads: it asks for JSON',
      }),
    }),
    status: 302,
    otherReplies: {
      200: z.object({ recording: z.object({ url: z.string() }).meta({ id: 'RecordingLink' }) }),
    },
    failures: ['ILLEGAL_STATE'],
  });

export const updateCall = () =>
  route({
    method: 'PATCH',
    path: '/api/djdash/calls/{id}',
    summary: 'Set notes, event type, booking, spam, lead score or tags of a call; null clears what was set',
    auth: ['admin', 'service', 'dj'],
    grants: ['call:read', 'call:write'],
    params: z.object({ id: callIdOrSid }),
    body: callEdits
      .partial()
      .refine(
        (body) => Object.keys(body).length > 0,
        'must name something to set: notes, event_type, is_booked, is_spam, lead_score or tags',
      ),
    status: 200,
    reply: z.object({ call: callReply }),
    failures: ['ILLEGAL_STATE'],
  });

export const listAllCalls = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/calls',
    summary:
      'List the calls of all DJs and of unassigned numbers, newest first; the last 30 days (UTC) by default',
    auth: ['admin', 'service'],
    grants: ['callDays:read', 'call:read', 'cursors:key'],
    query: z.strictObject({
      ...listQuery(),
    }),
    status: 200,
    reply: callPage(),
  });

export const requestExport = () =>
  route({
    method: 'POST',
    path: '/api/djdash/calls/exports',
    summary:
      'Request a CSV file of calls, written in the background; an admin who names no DJ gets the calls of all DJs',
    auth: ['admin', 'service', 'dj'],
    grants: ['dj:read', 'exports:write', 'idempotency:read', 'idempotency:write'],
    body: z.strictObject({
      dj_profile_id: djProfileId.optional(),
      start_date: dayOrInstant.optional(),
      end_date: dayOrInstant.optional(),
      call_status: z.enum(callStatuses).optional(),
      lead_score: z.enum(leadScores).optional(),
      is_booked: z.boolean().optional(),
    }),
    status: 202,
    reply: z.object({ export: exportReply.pick({ id: true, status: true }) }),
    failures: ['RATE_LIMITED'],
  });

export const getExport = () =>
  route({
    method: 'GET',
    path: '/api/djdash/calls/exports/{id}',
    summary: 'See the progress of an export; once it is done, its download link, valid for 5 minutes',
    auth: ['admin', 'service', 'dj'],
    grants: ['exports:read', 'files:read-exports'],
    params: z.object({ id: z.string().regex(/^exp_[0-9a-f]{32}$/, 'must be the id of an export') }),
    status: 200,
    reply: z.object({ export: exportReply }),
  });
