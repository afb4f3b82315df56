import { callRepository } from '#shared/calls/call.repository.ts';
import { listCalls } from '#shared/calls/list-calls.ts';
import { instantRange } from '#shared/calls/range.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { djAsked } from '#shared/http/scope.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { timeZoneOf } from '#shared/numbers/time-zone.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const table = connectTable();
const deps = { calls: callRepository(table) };
const numbers = numberRepository(table);

export const handler = httpHandler(calls.listCalls, async ({ query, principal }) => {
  const of = djAsked(principal, query.dj_profile_id);
  const byDay = [query.start_date, query.end_date].some((date) => date?.length === 10);
  const range = instantRange(query, byDay ? await timeZoneOf(numbers, of) : 'UTC');
  const filters = {
    of,
    ...range,
    callStatus: query.call_status,
    leadScore: query.lead_score,
    isBooked: query.is_booked,
  };
  return listCalls(deps, filters, query.limit, query.cursor);
});
