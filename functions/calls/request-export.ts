import { allDjs } from '#shared/calls/list-calls.ts';
import { instantRange, recentRange } from '#shared/calls/range.ts';
import { now } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import { requestExport } from '#shared/exports/request-export.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { djAsked, mayAccess } from '#shared/http/scope.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { timeZoneOf } from '#shared/numbers/time-zone.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const table = connectTable();
const deps = { exports: exportRepository(table), now };
const numbers = numberRepository(table);

export const handler = httpHandler(
  calls.requestExport,
  once(table, async ({ body, principal }) => {
    const ofAll = body.dj_profile_id === undefined && mayAccess(principal, 'everybody');
    const of = ofAll ? allDjs : djAsked(principal, body.dj_profile_id, 'body');
    const range =
      of === allDjs
        ? recentRange(body, now(), 'body')
        : instantRange(body, await timeZoneOf(numbers, of), 'body');
    const filters = {
      of,
      ...range,
      callStatus: body.call_status,
      leadScore: body.lead_score,
      isBooked: body.is_booked,
    };
    const { id, status } = await requestExport(deps, filters, `${principal.role}:${principal.subject}`);
    return { export: { id, status } };
  }),
);
