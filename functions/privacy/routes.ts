import * as z from 'zod';
import { cursor, writtenNumber } from '#shared/fields.ts';
import { route } from '#shared/http/route.ts';
import { erasedReply, exportReply } from '#shared/privacy/fields.ts';

export const exportCaller = () =>
  route({
    method: 'POST',
    path: '/api/djdash/admin/privacy/export',
    summary: 'Export everything kept about one phone number, in pages of about a hundred calls and texts',
    auth: ['admin'],
    grants: [
      'openCalls:read',
      'caller:read',
      'call:read',
      'texts:read',
      'consent:key',
      'consent:read',
      'cursors:key',
      'idempotency:read',
      'idempotency:write',
    ],
    timeoutSeconds: 29,
    body: z.strictObject({ phone_number: writtenNumber, cursor: cursor.optional() }),
    status: 200,
    reply: z.object({ export: exportReply }),
    failures: ['INVALID_PHONE_NUMBER'],
  });

export const eraseCaller = () =>
  route({
    method: 'POST',
    path: '/api/djdash/admin/privacy/erase',
    summary: 'Erase everything kept about one phone number; an opt-out from texts stays, under a keyed hash',
    auth: ['admin'],
    grants: [
      'openCalls:read',
      'caller:read',
      'caller:write',
      'call:read',
      'call:write',
      'callCounts:write',
      'texts:read',
      'texts:write',
      'consent:key',
      'consent:read',
      'idempotency:read',
      'idempotency:write',
      'recording:read',
      'recording:write',
      'platformEvents:read',
      'platformEvents:write',
      'files:delete-recordings',
      'twilio:recordings',
    ],
    timeoutSeconds: 29,
    body: z.strictObject({ phone_number: writtenNumber, dry_run: z.boolean().default(false) }),
    status: 200,
    reply: z.object({ erased: erasedReply }),
    failures: ['INVALID_PHONE_NUMBER'],
  });
