import { auditCounters } from '#shared/analytics/audit-counters.ts';
import { countCalls } from '#shared/analytics/count-calls.ts';
import { statsRepository } from '#shared/analytics/stats.repository.ts';
import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import type { CallId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();
const stats = statsRepository(table);
const deps = {
  calls: callRepository(table),
  stats,
  countCalls: (callIds: CallId[]) => countCalls({ table, stats, now }, callIds),
  now,
  random: Math.random,
};

export const handler = scheduleHandler(async () => {
  const audited = await auditCounters(deps);
  log.info('counters audited', { ...audited });
  return audited;
});
