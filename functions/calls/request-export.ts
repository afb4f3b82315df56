import { instantRange, recentRange } from '#shared/calls/range.ts';
import { now } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import { requestExport } from '#shared/exports/request-export.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { djOf } from '#shared/http/principal.ts';
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
    const ofAll = principal.role === 'admin' && body.dj_profile_id === undefined;
    const djProfileId = ofAll ? undefined : djOf(principal, body.dj_profile_id, 'body');
    const range =
      djProfileId === undefined
        ? recentRange(body, now(), 'body')
        : instantRange(body, await timeZoneOf(numbers, djProfileId), 'body');
    const filters = {
      djProfileId,
      ...range,
      callStatus: body.call_status,
      leadScore: body.lead_score,
      isBooked: body.is_booked,
    };
    const { id, status } = await requestExport(deps, filters, `${principal.role}:${principal.subject}`);
    return { export: { id, status } };
  }),
);
