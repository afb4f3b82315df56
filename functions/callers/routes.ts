import * as z from 'zod';
import { blockReply, callerNumber } from '#shared/callers/fields.ts';
import { cursor, djProfileId, limit } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';

const path = '/api/djdash/blocked-callers';

export const listBlocks = () =>
  route({
    method: 'GET',
    path,
    summary: "List the callers a DJ has blocked, or the platform's own list if no DJ is named",
    auth: ['admin', 'service', 'dj'],
    grants: ['caller:read', 'cursors:key'],
    query: z.strictObject({ dj_profile_id: djProfileId.optional(), limit, cursor: cursor.optional() }),
    status: 200,
    reply: z.object({ blocked_callers: z.array(blockReply), next_cursor: z.string().nullable() }),
  });

export const blockCaller = () =>
  route({
    method: 'POST',
    path,
    summary: 'Block a caller, who hears a busy signal from then on: for one DJ, or for all if no DJ is named',
    auth: ['admin', 'service', 'dj'],
    grants: ['caller:read', 'caller:write', 'idempotency:read', 'idempotency:write'],
    body: z.strictObject({
      dj_profile_id: djProfileId.optional(),
      caller_number: callerNumber,
      reason: freeText.trim().min(1).max(200).optional(),
    }),
    status: 201,
    reply: z.object({ blocked_caller: blockReply }),
    failures: ['INVALID_PHONE_NUMBER'],
  });

export const unblockCaller = () =>
  route({
    method: 'DELETE',
    path,
    summary: 'Unblock a caller: for one DJ, or for all if no DJ is named',
    auth: ['admin', 'service', 'dj'],
    grants: ['caller:write'],
    body: z.strictObject({ dj_profile_id: djProfileId.optional(), caller_number: callerNumber }),
    status: 200,
    reply: z.object({ caller_number: z.string() }),
    failures: ['INVALID_PHONE_NUMBER'],
  });
