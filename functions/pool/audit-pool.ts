import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import { auditDeps } from '#shared/pool/audit-deps.ts';
import { auditPool } from '#shared/pool/audit-pool.ts';
import type { Drift } from '#shared/pool/drifts.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();

export const handler = scheduleHandler<{ auditId: string; drifts: number }>(async () => {
  const audit = await auditPool(auditDeps(table), { trigger: 'schedule', dryRun: false });
  const below = audit.drifts.some((drift) => drift.kind === 'buffer-below-target');
  // What was repaired needs nobody, some kinds are advice, and the buffer has an alarm of its own.
  const quiet: readonly Drift['kind'][] = ['idle', 'cooling-long', 'buffer-below-target'];
  const alarming = audit.drifts.filter(({ kind, repaired }) => !repaired && !quiet.includes(kind));
  count('AuditDrift', alarming.length);
  count('PoolFree', audit.numbers_free);
  count('PoolBelowBuffer', below ? 1 : 0);
  log.info('audit done', { auditId: audit.id, drifts: audit.drifts });
  return { auditId: audit.id, drifts: audit.drift_count };
});
