import * as z from 'zod';
import { countries } from '#shared/country.ts';
import { smsStatus } from '#shared/numbers/fields.ts';
import { numberStatuses } from '#shared/numbers/statuses.ts';

/** What an import did, or would do. */
export const importReply = z
  .object({
    dry_run: z.boolean(),
    known: z.int().meta({ description: 'Numbers that are already in the pool or assigned to a DJ' }),
    adopted: z.array(
      z.object({
        phoneNumber: z.string(),
        sid: z.string(),
        friendlyName: z.string().nullable(),
        areaCode: z.string(),
        smsStatus,
        voiceUrl: z.string().nullable().meta({ description: 'Where its calls went until now' }),
        smsUrl: z.string().nullable(),
      }),
    ),
    skipped: z.array(
      z.object({
        phoneNumber: z.string(),
        sid: z.string(),
        reason: z.enum(['of-another-stage', 'platform-sender', 'ignored', 'not-us-or-canada', 'no-voice']),
      }),
    ),
    failed: z.array(
      z.object({ phoneNumber: z.string(), sid: z.string(), code: z.string(), reason: z.string() }),
    ),
    remaining: z.int().meta({ description: 'Not started in this request: ask again' }),
  })
  .meta({ id: 'Import' });

/** A number that the carrier sells. */
export const stockReply = z
  .object({
    phoneNumber: z.string(),
    country: z.enum(countries),
    areaCode: z.string(),
    region: z.string().nullable().meta({ description: 'State or province' }),
    locality: z.string().nullable(),
    monthlyPrice: z.number().meta({ description: "By Twilio's list price" }),
    currency: z.literal('USD'),
  })
  .meta({ id: 'StockNumber' });

/** What became of one of several numbers that were to be released. */
export const releaseReply = z
  .object({
    sid: z.string(),
    phoneNumber: z.string().nullable(),
    status: z.enum(['released', 'already_released', 'would_release', 'failed']),
    code: z.string().nullable().meta({ description: 'Of what failed; `not_attempted` when time ran out' }),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Release' });

const pooledNumber = z.object({
  phoneNumber: z.string(),
  sid: z.string(),
  areaCode: z.string(),
  smsStatus,
  calls: z.int().meta({ description: 'Calls to DJs, for all who have had the number' }),
  lastCallAt: z.string().nullable(),
  strayCalls: z.int().meta({ description: 'Calls while no DJ had the number' }),
  lastStrayAt: z.string().nullable(),
});

/** How far the numbers' webhooks are pointed to the base URL of the last deployment. */
export const webhooksReply = z
  .object({
    base_url: z.string(),
    status: z.enum(['pending', 'running', 'done', 'failed']).meta({
      description:
        '`pending` until the API can be reached under it; `failed` if some numbers still had another one after a day',
    }),
    total: z.int().nullable().meta({ description: 'Numbers of ours at Twilio; null until they are counted' }),
    pointed: z.int().nullable().meta({ description: 'Numbers whose webhooks use it' }),
    elsewhere: z.int().meta({
      description: 'Numbers that somebody pointed elsewhere: an audit reports them and sets their webhooks',
    }),
    failed: z.int().meta({ description: 'Numbers that Twilio refused to change; they are tried again' }),
    problem: z.string().nullable().meta({ description: 'What prevents it from continuing' }),
    since: z.string().nullable(),
    updated_at: z.string().nullable(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: 'WebhookPointing' });

/** The state of the pool. `total` is what we pay for: the sum of the states but purchasing, failed and released. */
export const poolReply = z
  .object({
    total: z.int(),
    available: z.int(),
    assigned: z.int(),
    states: z.record(z.enum(numberStatuses), z.int()),
    buffer: z.object({
      available: z.int(),
      target: z
        .int()
        .meta({ description: 'Free numbers to keep: a share of the pool (15 % by default), at least 1' }),
      belowTarget: z.boolean(),
      assignmentsLast30Days: z.int(),
      daysLeft: z
        .int()
        .nullable()
        .meta({ description: 'Days until the free numbers are used up, at the rate of the last 30 days' }),
      advice: z.string(),
    }),
    webhooks: webhooksReply,
    monthlyCost: z.number().meta({ description: "Of all numbers, in US dollars, at Twilio's list price" }),
    numbers: z.object({
      available: z.array(
        pooledNumber.extend({ friendlyName: z.string().nullable(), dateCreated: z.string() }),
      ),
      assigned: z.array(
        pooledNumber.extend({ assignedTo: z.string(), isActive: z.boolean(), dj_profile_id: z.string() }),
      ),
      others: z
        .array(
          pooledNumber.extend({
            status: z.enum(numberStatuses),
            since: z.string(),
            dj_profile_id: z.string().nullable().meta({ description: 'Who gets it back while it cools' }),
          }),
        )
        .meta({ description: 'Where `status` asks for another state than available or assigned' }),
      releasedRecently: z
        .array(
          z.object({
            phoneNumber: z.string(),
            sid: z.string(),
            releasedAt: z.string(),
            reclaimableUntil: z.string(),
          }),
        )
        .meta({
          description: 'The last 100 released numbers that can be bought back; on the first page only',
        }),
    }),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'Pool' });

export const driftKinds = [
  'numbers-unreadable',
  'messaging-service-unreadable',
  'unmanaged',
  'missing',
  'wrong-webhook',
  'not-in-messaging-service',
  'sms-refused',
  'service-webhook',
  'purchase-stuck',
  'release-stuck',
  'cooling-over',
  'cooling-long',
  'claim-left-over',
  'holder-mismatch',
  'call-never-ended',
  'idle',
  'buffer-below-target',
] as const;

/** One difference between the table and Twilio, and what a person should do about it. */
export const driftReply = z
  .object({
    kind: z.enum(driftKinds),
    phone_number: z.string().nullable(),
    sid: z.string().nullable(),
    detail: z.string(),
    code: z
      .string()
      .nullable()
      .default(null)
      .meta({ description: 'What Twilio could not be asked, or what prevented the repair' }),
    monthly_cost: z
      .number()
      .meta({ description: "What it costs a month, in US dollars, at Twilio's list price" }),
    repaired: z.boolean(),
  })
  .meta({ id: 'Drift' });

export const auditReply = z
  .object({
    id: z.string(),
    started_at: z.string(),
    finished_at: z.string(),
    trigger: z.enum(['schedule', 'request', 'base-url']).meta({
      description:
        'Who started it: the timer, a person, or a change of the base URL, which looks at webhooks only',
    }),
    dry_run: z.boolean(),
    numbers_in_twilio: z.int().nullable().meta({ description: 'Null if Twilio did not say' }),
    numbers_in_table: z.int(),
    numbers_free: z.int(),
    drift_count: z.int(),
    repaired_count: z.int(),
    monthly_cost: z.number().meta({ description: 'What the remaining drifts cost a month, in US dollars' }),
    drifts: z.array(driftReply).meta({ description: 'The first 1,000 of them' }),
  })
  .meta({ id: 'PoolAudit' });
