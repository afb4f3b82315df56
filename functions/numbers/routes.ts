import * as z from 'zod';
import { diagnosisReply } from '#shared/diagnostics/fields.ts';
import { cursor, djProfileId, limit, productContext, writtenNumber } from '#shared/fields.ts';
import { route } from '#shared/http/route.ts';
import {
  assignmentBody,
  assignmentReply,
  displayName,
  foundNumberReply,
  hasOneWish,
  heldByDjReply,
  oneWish,
  purchasesLeft,
  selectionReply,
  virtualNumberReply,
} from '#shared/numbers/fields.ts';
import { settableSettings } from '#shared/numbers/settings.ts';
import { heldStates } from '#shared/numbers/statuses.ts';

const assigned = () => z.object({ message: z.string(), results: z.array(assignmentReply) });

const assignGrants = [
  'number:read',
  'number:write',
  'sid:read',
  'sid:write',
  'dj:read',
  'dj:write',
  'pool:policy',
  'pool:read',
  'usage:read',
  'purchases:write',
  'switches:read',
  'idempotency:read',
  'idempotency:write',
  'calls:policy',
  'twilio:numbers',
] as const;

export const assignNumber = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers',
    summary: 'Give a DJ a virtual number, from the pool or newly bought',
    auth: ['admin', 'service'],
    grants: assignGrants,
    timeoutSeconds: 28,
    body: assignmentBody.refine(hasOneWish, oneWish),
    status: 201,
    reply: z.object({ virtualNumber: virtualNumberReply, selection: selectionReply }),
    failures: [
      'NOT_FOUND',
      'NUMBER_UNAVAILABLE',
      'INVALID_PHONE_NUMBER',
      'NUMBER_NOT_ALLOWED',
      'NUMBER_ALREADY_ASSIGNED',
      'PURCHASE_CAP_REACHED',
      'PURCHASES_STOPPED',
      'NO_NUMBERS_AVAILABLE',
    ],
    failureExtras: {
      NUMBER_ALREADY_ASSIGNED: z.object({ virtualNumber: virtualNumberReply }),
      PURCHASE_CAP_REACHED: purchasesLeft(),
    },
  });

export const assignNumbers = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/batch',
    summary: 'Give up to 25 DJs a virtual number each, with a result each (200, or 207 if some failed)',
    auth: ['admin', 'service'],
    grants: assignGrants,
    timeoutSeconds: 28,
    body: z.strictObject({
      assignments: z
        .array(assignmentBody.refine(hasOneWish, oneWish))
        .min(1)
        .max(25)
        .refine(
          (asked) => new Set(asked.map(({ dj_profile_id: dj }) => dj)).size === asked.length,
          'must name each DJ once',
        ),
    }),
    status: 200,
    reply: assigned(),
    otherReplies: { 207: assigned() },
    failures: ['NO_NUMBERS_AVAILABLE', 'PURCHASES_STOPPED'],
  });

export const searchNumber = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/search',
    summary: 'Say who holds a number of ours, its state since when, and who held it before',
    auth: ['admin', 'service'],
    grants: ['number:read', 'idempotency:read', 'idempotency:write'],
    body: z.strictObject({ phone_number: writtenNumber }),
    status: 200,
    reply: z.object({ number: foundNumberReply }),
    failures: ['INVALID_PHONE_NUMBER', 'NOT_FOUND'],
  });

export const listDjs = () =>
  route({
    method: 'GET',
    path: '/api/djdash/admin/djs',
    summary: 'List the DJs who have a number, with it; those whose number cools come last',
    auth: ['admin', 'service'],
    grants: ['pool:read', 'cursors:key'],
    query: z.strictObject({ status: z.enum(heldStates).optional(), limit, cursor: cursor.optional() }),
    status: 200,
    reply: z.object({ djs: z.array(heldByDjReply), next_cursor: z.string().nullable() }),
  });

export const getNumber = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers',
    summary: "Read a DJ's virtual number",
    auth: ['admin', 'service', 'dj'],
    grants: ['dj:read'],
    query: z.strictObject({
      dj_profile_id: djProfileId.optional(),
      product_context: productContext.optional(),
    }),
    status: 200,
    reply: z.object({ virtualNumber: virtualNumberReply }),
  });

export const updateNumber = () =>
  route({
    method: 'PUT',
    path: '/api/djdash/virtual-numbers',
    summary: "Change a DJ's forwarding target or settings, or activate or deactivate the number",
    auth: ['admin', 'service', 'dj'],
    grants: [
      'number:read',
      'number:write',
      'dj:read',
      'dj:write',
      'usage:read',
      'openCalls:read',
      'pool:policy',
      'calls:policy',
    ],
    body: z
      .strictObject({
        dj_profile_id: djProfileId.optional(),
        real_phone_number: writtenNumber.optional(),
        is_active: z.boolean().optional(),
        display_name: displayName.optional(),
        product_context: productContext.optional(),
        settings: settableSettings.optional(),
      })
      .refine(
        (body) =>
          body.real_phone_number !== undefined ||
          body.is_active !== undefined ||
          body.display_name !== undefined ||
          body.settings !== undefined,
        'must name something to change: real_phone_number, is_active, display_name or settings',
      ),
    status: 200,
    reply: z.object({ virtualNumber: virtualNumberReply }),
    failures: [
      'INVALID_PHONE_NUMBER',
      'SIGN_IN_AGAIN',
      'ILLEGAL_STATE',
      'IN_PROGRESS',
      'NUMBER_NOT_ALLOWED',
      'RATE_LIMITED',
    ],
  });

export const showNumber = () =>
  route({
    method: 'GET',
    path: '/api/djdash/public/virtual-numbers/{djProfileId}',
    summary: "The number to show on a DJ's page",
    auth: ['public'],
    grants: ['dj:read'],
    cacheSeconds: { found: 60, missing: 10 },
    params: z.object({ djProfileId }),
    status: 200,
    reply: z.object({
      virtualNumber: z.object({
        phone_number: z.string(),
        display: z.string().meta({ examples: ['(901) 555-0101'] }),
        tel: z.string().meta({ examples: ['tel:+19015550101'] }),
      }),
    }),
  });

export const diagnoseNumber = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers/diagnostics',
    summary: 'Find out why calls may not reach a DJ: the number as we and Twilio have it, and its last call',
    auth: ['admin', 'service'],
    grants: ['dj:read', 'number:read', 'djCalls:read', 'call:read', 'twilio:numbers'],
    timeoutSeconds: 20,
    query: z.strictObject({ dj_profile_id: djProfileId, product_context: productContext.optional() }),
    status: 200,
    reply: z.object({ diagnosis: diagnosisReply }),
    failures: ['NOT_FOUND'],
  });
