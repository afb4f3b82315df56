import { daysBetween, daysShownMax, platformAnalytics } from '#shared/analytics/platform-analytics.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { dayRange } from '#shared/calls/range.ts';
import { dayPlus, now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as analytics from './routes.ts';

const deps = { stats: statsRepository(connectTable()) };

export const handler = httpHandler(analytics.getPlatformAnalytics, async ({ query }) => {
  const end_date = query.end_date ?? now().toISOString().slice(0, 10);
  const range = dayRange({ start_date: query.start_date ?? dayPlus(end_date, -29), end_date }, 'UTC');
  if (daysBetween(range.from, range.to) >= daysShownMax) {
    throw new Failure('VALIDATION_FAILED', undefined, {
      details: [
        { path: 'query.start_date', message: `must lie at most ${daysShownMax} days before end_date` },
      ],
    });
  }
  return { analytics: await platformAnalytics(deps, range) };
});
