import { callRepository, ForeignCall } from '#shared/calls/call.repository.ts';
import { callRecordOf } from '#shared/calls/call-record.ts';
import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { callIdOf, newId } from '#shared/id.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const table = connectTable();
const repository = callRepository(table);

export const handler = httpHandler(
  calls.logCall,
  once(table, async ({ body }) => {
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
      return { call: callRecordOf(await repository.report(id, body.call_sid, reported, now())) };
    } catch (error) {
      if (error instanceof ForeignCall)
        throw new Failure('NOT_FOUND', 'No call of this DJ has this call_sid', { cause: error });
      throw error;
    }
  }),
);
