import { leadersOf } from '#shared/analytics/platform-analytics.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as analytics from './routes.ts';

const stats = statsRepository(connectTable());

export const handler = httpHandler(analytics.listTopDjs, async ({ query }) => {
  const { by, limit, min_calls: callsMin } = query;
  const month = query.month ?? now().toISOString().slice(0, 7);
  return { month, by, djs: leadersOf(await stats.djsOfMonth(month), by, { limit, callsMin }) };
});
