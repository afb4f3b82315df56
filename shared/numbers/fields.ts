import * as z from 'zod';
import { areaCode, djProfileId, phoneNumberSid, productContext, writtenNumber } from '#shared/fields.ts';
import { freeText } from '#shared/free-text.ts';
import { problemOfName } from '#shared/texts/name.ts';
import { numberUses } from './number.ts';
import { settableSettings, shownSettings } from './settings.ts';
import { heldStates, numberStatuses } from './statuses.ts';

/** The name by which callers know a DJ, and which they are shown in texts. */
export const displayName = freeText
  .trim()
  .min(1)
  .max(80)
  .refine((name) => !/[\t\n\r]/.test(name), 'must stand on one line')
  .superRefine((name, context) => {
    const problem = problemOfName(name);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

export const capabilities = z
  .object({ voice: z.boolean(), sms: z.boolean(), mms: z.boolean() })
  .meta({ id: 'Capabilities' });
/** `refused`: carriers would not take its texts, its registration has lapsed or never was. */
export const smsStatus = z.enum(['ready', 'unregistered', 'refused']);

/** A virtual number as the API answers it. */
export const virtualNumberReply = z
  .object({
    id: z.string(),
    dj_profile_id: z.string(),
    display_name: z.string().nullable(),
    virtual_number: z.string(),
    twilio_phone_number_sid: z.string(),
    real_phone_number: z.string(),
    is_active: z.boolean(),
    status: z.enum(numberStatuses),
    product_context: z.literal('djdash'),
    area_code: z.string(),
    capabilities,
    sms_status: smsStatus,
    ...shownSettings.shape,
    time_zone: z.string(),
    assigned_at: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'VirtualNumber' });

const whose = {
  dj_profile_id: z.string().nullable(),
  tenant_id: z.string().nullable().meta({ description: 'Of a number of a tenant; for admins' }),
};

/** Who holds a number of ours, and who held it before. */
export const foundNumberReply = z
  .object({
    phone_number: z.string(),
    phone_number_sid: z.string().nullable(),
    status: z.enum(numberStatuses),
    since: z.string().meta({ description: 'When it came into its state' }),
    use: z.enum(numberUses),
    area_code: z.string(),
    sms_status: smsStatus,
    ...whose,
    display_name: z.string().nullable(),
    former_dj_profile_id: z.string().nullable().meta({
      description: 'While it cools: the DJ whom its callers mean, who has moved on to another number',
    }),
    holders: z
      .array(
        z.object({
          ...whose,
          since: z.string(),
          until: z.string().nullable().meta({ description: 'When they gave it up; null while it is theirs' }),
        }),
      )
      .meta({ description: 'Everybody who held it, newest first' }),
    older_holders: z.boolean().meta({ description: 'Its history is longer than what was read for this' }),
  })
  .meta({ id: 'FoundNumber' });

/** A DJ who has a number. */
export const heldByDjReply = z
  .object({
    dj_profile_id: z.string(),
    display_name: z.string().nullable(),
    status: z.enum(heldStates),
    since: z.string().meta({ description: 'When the number was assigned, or given up' }),
    virtualNumber: virtualNumberReply,
  })
  .meta({ id: 'DjWithNumber' });

/** What a purchase is told that is refused because the day's are used up. */
export const purchasesLeft = () =>
  z.object({
    purchases: z.object({
      daily_cap: z.int().meta({ description: 'Numbers that may be bought a day (UTC)' }),
      remaining_today: z.int(),
      resets_at: z.string().meta({ description: 'When the count starts again' }),
    }),
  });

/** How a number was found for a DJ, and why this one. */
export const selectionReply = z
  .object({
    source: z.enum(['own-cooling', 'pool', 'purchase', 'early']),
    reason: z.string(),
  })
  .meta({ id: 'Selection' });

/** A number just bought, in the words of the seed. */
export const boughtNumberReply = z
  .object({
    phoneNumber: z.string(),
    sid: z.string(),
    friendlyName: z.string().nullable(),
  })
  .meta({ id: 'BoughtNumber' });

/** One change of a number: who held it when, what changed, by whom and why. */
export const numberChangeReply = z
  .object({
    at: z.string(),
    from: z.enum(numberStatuses).nullable(),
    to: z.enum(numberStatuses),
    dj_profile_id: z.string().nullable(),
    real_phone_number: z.string().nullable(),
    actor: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'NumberChange' });

/** What is asked for a DJ who is to get a number. */
export const assignmentBody = z.strictObject({
  dj_profile_id: djProfileId,
  real_phone_number: writtenNumber,
  area_code: areaCode.optional(),
  areaCode: areaCode.optional(),
  phone_number_sid: phoneNumberSid
    .optional()
    .meta({ description: 'This very number of the pool and no other; instead of an area code' }),
  display_name: displayName.optional(),
  product_context: productContext.optional(),
  ...settableSettings.shape,
});

/** A number or an area code is wished for, not both. */
export function hasOneWish(asked: { areaCode?: unknown; area_code?: unknown; phone_number_sid?: unknown }) {
  return asked.phone_number_sid === undefined || (asked.areaCode ?? asked.area_code) === undefined;
}

export const oneWish = { path: ['phone_number_sid'], message: 'cannot be combined with an area code' };

/** What became of one of several assignments. */
export const assignmentReply = z
  .object({
    dj_profile_id: z.string(),
    status: z.enum(['assigned', 'already_assigned', 'failed']).meta({
      description:
        'Already assigned: the DJ has a number that calls the same phone, as after an earlier request',
    }),
    virtualNumber: virtualNumberReply.nullable(),
    selection: selectionReply.nullable(),
    code: z.string().nullable().meta({ description: 'Of what failed; `not_attempted` when time ran out' }),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Assignment' });
