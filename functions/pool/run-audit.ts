import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { auditDeps } from '#shared/pool/audit-deps.ts';
import { auditPool } from '#shared/pool/audit-pool.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const table = connectTable();

export const handler = httpHandler(
  pool.runAudit,
  once(table, async ({ body }) => ({
    audit: await auditPool(auditDeps(table), { trigger: 'request', dryRun: body?.dry_run ?? false }),
  })),
);
