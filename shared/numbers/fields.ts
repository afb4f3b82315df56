import * as z from 'zod';
import { freeText } from '#shared/free-text.ts';
import { problemOfName } from '#shared/texts/name.ts';
import { shownSettings } from './settings.ts';
import { numberStatuses } from './statuses.ts';

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

/** A phone number as people write it. */
export const writtenNumber = freeText.min(1).max(40);

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
