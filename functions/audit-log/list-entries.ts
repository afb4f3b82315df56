import { auditLogRepository } from '#shared/audit-log/audit-log.repository.ts';
import { listEntries } from '#shared/audit-log/list-entries.ts';
import { recentRange } from '#shared/calls/range.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as contracts from './routes.ts';

const deps = { auditLog: auditLogRepository(connectTable()) };

export const handler = httpHandler(contracts.listEntries, async ({ query }) =>
  listEntries(deps, { ...recentRange(query, now()), actor: query.actor }, query.limit, query.cursor),
);
