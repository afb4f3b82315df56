import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import type { AuditId } from '#shared/id.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const repository = auditRepository(connectTable());

export const handler = httpHandler(pool.getAudit, async ({ params }) => {
  const audit = await repository.find(params.id as AuditId);
  if (audit === undefined) throw new Failure('NOT_FOUND', 'No audit has this id');
  return { audit };
});
