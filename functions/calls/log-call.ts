import { clickRepository } from '#shared/attribution/click.repository.ts';
import { clickOf } from '#shared/attribution/click.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { checkTimestamp, isCall } from '#shared/calls/log-call.ts';
import { callReports, ForeignCall } from '#shared/calls/report.repository.ts';
import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler, Reply } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { callIdOf, newId } from '#shared/id.ts';
import { readRetentionPolicy } from '#shared/privacy/policy.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const table = connectTable();
const reports = callReports(table);
const clicks = clickRepository(table);
const policy = readRetentionPolicy();

export const handler = httpHandler(
  calls.logCall,
  once(table, async ({ body }) => {
    if (body.timestamp !== undefined) checkTimestamp(body.timestamp, policy, now());
    if (!isCall(body) && body.page_url !== undefined) {
      const click = clickOf(body.dj_profile_id, { ...body, page_url: body.page_url }, now());
      await clicks.keep(click);
      return new Reply(202, { click: { id: click.id, clicked_at: click.at } });
    }
    const id = body.call_sid === undefined ? newId('call') : callIdOf(body.call_sid);
    const reported = {
      djProfileId: body.dj_profile_id,
      virtualNumber: body.virtual_number,
      callerNumber: body.caller_number,
      callerName: body.caller_name,
      callStatus: body.call_status,
      durationSeconds: body.call_duration_seconds,
      timestamp: body.timestamp && new Date(body.timestamp).toISOString(),
      pageUrl: body.page_url,
      eventType: body.event_type,
      notes: body.notes,
    };
    try {
      return { call: callReplyOf(await reports.report(id, body.call_sid, reported, now())) };
    } catch (error) {
      if (error instanceof ForeignCall)
        throw new Failure('NOT_FOUND', 'No call of this DJ has this call_sid', { cause: error });
      throw error;
    }
  }),
);
