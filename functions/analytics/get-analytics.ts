import { analyticsOf } from '#shared/analytics/analytics.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { dayRange, needsTimeZone } from '#shared/calls/range.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { djAsked } from '#shared/http/scope.ts';
import { ledgerRepository } from '#shared/ledger/ledger.repository.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { timeZoneOf } from '#shared/numbers/time-zone.ts';
import { revenueWithoutCall } from '#shared/payments/without-call.ts';
import { connectTable } from '#shared/table/client.ts';
import * as analytics from './routes.ts';

const table = connectTable();
const stats = statsRepository(table);
const ledger = ledgerRepository(table);
const numbers = numberRepository(table);

export const handler = httpHandler(analytics.getAnalytics, async ({ query, principal }) => {
  const djProfileId = djAsked(principal, query.dj_profile_id);
  const timeZone = needsTimeZone(query) ? await timeZoneOf(numbers, djProfileId) : 'UTC';
  const range = dayRange(query, timeZone);
  const [days, withoutCall] = await Promise.all([
    stats.days(djProfileId, range),
    revenueWithoutCall({ ledger }, djProfileId, range),
  ]);
  return { analytics: { ...analyticsOf(days), withoutCall } };
});
