import * as z from 'zod';
import { auditLogEntry } from '#shared/audit-log/fields.ts';
import { cursor, dayOrInstant, limit } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';

export const listEntries = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/acts',
    summary: 'List what admins did and were refused, newest first; the last 30 days (UTC) by default',
    auth: ['admin'],
    grants: ['auditLog:read', 'cursors:key'],
    query: z.strictObject({
      start_date: dayOrInstant.optional(),
      end_date: dayOrInstant.optional(),
      actor: freeText.min(1).max(200).optional(),
      limit,
      cursor: cursor.optional(),
    }),
    status: 200,
    reply: z.object({ acts: z.array(auditLogEntry), next_cursor: z.string().nullable() }),
  });
