import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { auditRepository } from '#shared/pool/audit.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as pool from './routes.ts';

const repository = auditRepository(connectTable());

export const handler = httpHandler(pool.listAudits, async ({ query }) => {
  const { audits, next } = await repository.list(
    query.limit,
    await readCursor('audits', query.cursor, isKeyPlace),
  );
  return { audits, next_cursor: next === undefined ? null : await writeCursor('audits', next) };
});
