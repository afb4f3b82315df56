import { countCalls } from '#shared/analytics/count-calls.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { now } from '#shared/clock.ts';
import { queueBatchHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as analytics from './consumers.ts';

const table = connectTable();
const deps = { table, stats: statsRepository(table), now };

export const handler = queueBatchHandler(analytics.aggregateCalls, async (messages) =>
  countCalls(
    deps,
    messages.map(({ callId }) => callId),
  ),
);
