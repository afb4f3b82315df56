import * as z from 'zod';
import { countries } from '#shared/country.ts';
import { type FailureCode, failures } from '#shared/failure.ts';
import { areaCode, e164, limit, phoneNumberSid } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { route } from '#shared/http/route.ts';
import { boughtNumberReply, numberChangeReply, purchasesLeft, smsStatus } from '#shared/numbers/fields.ts';
import { numberStatuses } from '#shared/numbers/statuses.ts';
import { purchaseReply } from '#shared/orders/fields.ts';
import { auditGrants } from '#shared/pool/audit-grants.ts';
import { auditReply, importReply, poolReply, releaseReply, stockReply } from '#shared/pool/fields.ts';

export const listPool = () =>
  route({
    method: 'GET',
    path: '/api/djdash/virtual-numbers/pool',
    summary:
      'Show the pool: counts by state, available and assigned numbers, buffer, base URL of the webhooks',
    auth: ['admin', 'service'],
    grants: ['pool:policy', 'pool:read', 'usage:read', 'repointing:read', 'cursors:key'],
    query: z.strictObject({
      status: z
        .enum(numberStatuses)
        .optional()
        .meta({ description: 'Numbers of this state alone; without it the available and the assigned ones' }),
      limit: limit.default(100).meta({ description: 'Numbers of each list on a page' }),
      cursor: freeText.max(2048).optional(),
    }),
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

/** The same as a failure, which says in the common words what went wrong. */
const nothingPurchased = () =>
  purchased().extend({
    error: z.string(),
    code: z.enum(Object.keys(failures) as FailureCode[]),
    requestId: z.string(),
  });

export const buyNumbers = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool',
    summary:
      'Buy numbers for the pool, or a chosen one: up to 20 right away (201, 207 or 503), more in the background (202)',
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
    body: z
      .strictObject({
        count: z
          .int('must be a whole number')
          .min(1, 'must be at least 1')
          .max(100, 'must be 100 or less in one request')
          .optional(),
        areaCode: areaCode.optional(),
        area_code: areaCode.optional(),
        phone_number: e164
          .optional()
          .meta({ description: 'This very number and no other, as a search of the stock found it' }),
      })
      .refine(({ count, phone_number: chosen }) => count !== undefined || chosen !== undefined, {
        path: ['count'],
        message: 'is required, unless phone_number says which one to buy',
      })
      .refine(
        ({ count = 1, phone_number: chosen, ...area }) =>
          chosen === undefined || (count === 1 && (area.areaCode ?? area.area_code) === undefined),
        {
          path: ['phone_number'],
          message: 'cannot be combined with an area code, or with a count other than 1',
        },
      ),
    status: 201,
    reply: purchased(),
    otherReplies: {
      202: z.object({ message: z.string(), purchase: purchaseReply.pick({ id: true, status: true }) }),
      207: purchased(),
      503: nothingPurchased(),
    },
    failures: [
      'NUMBER_UNAVAILABLE',
      'PURCHASE_IN_PROGRESS',
      'PURCHASE_CAP_REACHED',
      'PURCHASES_STOPPED',
      'NO_NUMBERS_AVAILABLE',
    ],
    failureExtras: { PURCHASE_CAP_REACHED: purchasesLeft() },
  });

export const searchStock = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool/search',
    summary: 'Search for numbers that can be bought, with what each costs a month',
    auth: ['admin', 'service'],
    grants: ['idempotency:read', 'idempotency:write', 'twilio:numbers'],
    timeoutSeconds: 20,
    body: z.strictObject({
      country: z.enum(countries).optional().meta({ description: 'That of the area code, else US' }),
      areaCode: areaCode.optional(),
      area_code: areaCode.optional(),
      contains: z
        .string()
        .regex(/^[0-9A-Za-z*]{2,10}$/, 'must be 2-10 digits, letters as on a keypad, or * for any digit')
        .optional(),
      limit: z.int().min(1).max(30).default(20),
    }),
    status: 200,
    reply: z.object({ numbers: z.array(stockReply) }),
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

const released = () =>
  z.object({ message: z.string(), dry_run: z.boolean(), results: z.array(releaseReply) });

export const releaseNumbers = () =>
  route({
    method: 'POST',
    path: '/api/djdash/virtual-numbers/pool/release-many',
    summary:
      'Give up to 50 pool numbers back to the carrier, with a result each (200 or 207); a dry run only looks',
    auth: ['admin', 'service'],
    grants: [
      'number:read',
      'number:write',
      'sid:read',
      'dj:write',
      'openCalls:read',
      'idempotency:read',
      'idempotency:write',
      'twilio:numbers',
    ],
    timeoutSeconds: 28,
    body: z.strictObject({
      phone_number_sids: z
        .array(phoneNumberSid)
        .min(1)
        .max(50)
        .refine((sids) => new Set(sids).size === sids.length, 'must name each number once'),
      dry_run: z.boolean().default(false),
    }),
    status: 200,
    reply: released(),
    otherReplies: { 207: released() },
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
    failureExtras: { PURCHASE_CAP_REACHED: purchasesLeft() },
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
