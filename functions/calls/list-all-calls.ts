import { callRepository } from '#shared/calls/call.repository.ts';
import { listAllCalls } from '#shared/calls/list-all-calls.ts';
import { allDjs } from '#shared/calls/list-calls.ts';
import { recentRange } from '#shared/calls/range.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const deps = { calls: callRepository(connectTable()) };

export const handler = httpHandler(calls.listAllCalls, async ({ query }) => {
  const filters = {
    of: query.dj_profile_id ?? allDjs,
    ...recentRange(query, now()),
    callStatus: query.call_status,
    leadScore: query.lead_score,
    isBooked: query.is_booked,
  };
  return listAllCalls(deps, filters, query.limit, query.cursor);
});
