import * as z from 'zod';
import { areaCode, limit, phoneNumberSid } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';
import { boughtNumberReply, numberChangeReply, smsStatus } from '#shared/numbers/fields.ts';
import { purchaseReply } from '#shared/orders/fields.ts';
import { auditGrants } from '#shared/pool/audit-grants.ts';
import { auditReply, importReply, poolReply } from '#shared/pool/fields.ts';

export const listPool = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers/pool',
    summary:
      'Show the pool: counts by state, available and assigned numbers, buffer, base URL of the webhooks',
    auth: ['admin', 'service'],
    grants: ['pool:policy', 'pool:read', 'usage:read', 'repointing:read', 'cursors:key'],
    query: z.strictObject({ cursor: freeText.max(2048).optional() }),
    status: 200,
    reply: z.object({ pool: poolReply }),
  });

/** What was bought at once: all (201), some (207) or nothing (503). */
const purchased = () =>
  z.object({
    message: z.string(),
    numbers: z.array(boughtNumberReply),
    failed: z.array(
      z
        .object({ phoneNumber: z.string().nullable(), code: z.string(), reason: z.string() })
        .meta({ id: 'FailedPurchase' }),
    ),
  });

export const buyNumbers = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool',
    summary: 'Buy numbers for the pool: up to 20 right away (201, 207 or 503), more in the background (202)',
    auth: ['admin', 'service'],
    grants: [
      'number:read',
      'number:write',
      'sid:write',
      'purchases:write',
      'orders:write',
      'switches:read',
      'idempotency:read',
      'idempotency:write',
      'twilio:numbers',
    ],
    timeoutSeconds: 28,
    body: z.strictObject({
      count: z
        .int('must be a whole number')
        .min(1, 'must be at least 1')
        .max(100, 'must be 100 or less in one request'),
      areaCode: areaCode.optional(),
      area_code: areaCode.optional(),
    }),
    status: 201,
    reply: purchased(),
    otherReplies: {
      202: z.object({ message: z.string(), purchase: purchaseReply.pick({ id: true, status: true }) }),
      207: purchased(),
      503: purchased(),
    },
    failures: ['PURCHASE_IN_PROGRESS', 'PURCHASE_CAP_REACHED', 'PURCHASES_STOPPED', 'NO_NUMBERS_AVAILABLE'],
  });

export const getPurchase = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers/pool/purchases/{id}',
    summary: 'Read the progress of a large purchase, number by number',
    auth: ['admin', 'service'],
    grants: ['number:read', 'orders:read'],
    params: z.object({ id: z.string().regex(/^ord_[0-9a-f]{32}$/, 'must be the id of a purchase') }),
    status: 200,
    reply: z.object({ purchase: purchaseReply }),
  });

export const releaseNumber = () =>
  route({
    method: 'DELETE',
    path: '/api/djdash/virtual-numbers/pool',
    summary: 'Give a pool number back to the carrier',
    auth: ['admin', 'service'],
    grants: ['number:read', 'number:write', 'sid:read', 'dj:write', 'openCalls:read', 'twilio:numbers'],
    query: z.strictObject({ phone_number_sid: phoneNumberSid.optional() }),
    body: z.strictObject({ phone_number_sid: phoneNumberSid }).optional(),
    status: 200,
    reply: z.object({
      message: z.string(),
      released: z.object({ phoneNumber: z.string(), sid: z.string(), already_released: z.boolean() }),
    }),
    failures: ['NOT_FOUND', 'NUMBER_ASSIGNED', 'NUMBER_IN_USE', 'ILLEGAL_STATE', 'IN_PROGRESS'],
  });

export const runAudit = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool/audits',
    summary: "Compare the pool with Twilio's list of numbers now, and repair what is safe",
    auth: ['admin', 'service'],
    grants: [...auditGrants, 'idempotency:read', 'idempotency:write', 'twilio:numbers'],
    timeoutSeconds: 28,
    body: z
      .strictObject({
        dry_run: z.boolean().optional(),
      })
      .optional(),
    status: 201,
    reply: z.object({ audit: auditReply }),
  });

export const listAudits = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers/pool/audits',
    summary: 'List audits, newest first',
    auth: ['admin', 'service'],
    grants: ['audit:read', 'cursors:key'],
    query: z.strictObject({ limit, cursor: freeText.max(2048).optional() }),
    status: 200,
    reply: z.object({ audits: z.array(auditReply), next_cursor: z.string().nullable() }),
  });

export const getAudit = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers/pool/audits/{id}',
    summary: 'Read one audit',
    auth: ['admin', 'service'],
    grants: ['audit:read'],
    params: z.object({ id: z.string().regex(/^aud_[0-9a-f]{32}$/, 'must be an audit id') }),
    status: 200,
    reply: z.object({ audit: auditReply }),
  });

export const importNumbers = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool/import',
    summary: 'Adopt numbers that the Twilio account already owns; a dry run shows which',
    auth: ['admin'],
    grants: [
      'number:read',
      'number:write',
      'sid:write',
      'pool:policy',
      'idempotency:read',
      'idempotency:write',
      'twilio:numbers',
    ],
    timeoutSeconds: 28,
    body: z.strictObject({ dry_run: z.boolean().optional() }).optional(),
    status: 200,
    reply: z.object({ import: importReply }),
  });

export const reclaimNumber = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool/reclaim',
    summary: 'Buy back a number that was released in the last ten days',
    auth: ['admin'],
    grants: [
      'number:read',
      'number:write',
      'sid:read',
      'sid:write',
      'purchases:write',
      'switches:read',
      'idempotency:read',
      'idempotency:write',
      'twilio:numbers',
    ],
    timeoutSeconds: 20,
    body: z.strictObject({ phone_number_sid: phoneNumberSid }),
    status: 201,
    reply: z.object({ message: z.string(), number: boughtNumberReply }),
    failures: ['NOT_FOUND', 'ILLEGAL_STATE', 'PURCHASE_CAP_REACHED', 'PURCHASES_STOPPED'],
  });

export const registerNumber = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool/registrations',
    summary: 'Register a number for texts, also again after carriers refused it',
    auth: ['admin', 'service'],
    grants: [
      'number:read',
      'number:write',
      'sid:read',
      'dj:write',
      'idempotency:read',
      'idempotency:write',
      'twilio:numbers',
    ],
    timeoutSeconds: 20,
    body: z.strictObject({ phone_number_sid: phoneNumberSid }),
    status: 200,
    reply: z.object({
      registration: z.object({ phoneNumber: z.string(), sid: z.string(), sms_status: smsStatus }),
    }),
    failures: ['NOT_FOUND', 'ILLEGAL_STATE'],
  });

export const listHistory = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers/pool/history',
    summary: 'List who held a number and when, and what was changed, by whom and why; newest first',
    auth: ['admin', 'service'],
    grants: ['number:read', 'sid:read', 'cursors:key'],
    query: z.strictObject({
      phone_number_sid: phoneNumberSid,
      limit,
      cursor: freeText.max(2048).optional(),
    }),
    status: 200,
    reply: z.object({
      phoneNumber: z.string(),
      history: z.array(numberChangeReply),
      next_cursor: z.string().nullable(),
    }),
    failures: ['NOT_FOUND'],
  });
