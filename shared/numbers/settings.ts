import * as z from 'zod';
import { freeText } from '#shared/free-text.ts';
import { problemOfName } from '#shared/texts/name.ts';

const timeZone = z
  .string()
  .max(64)
  .refine((zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  }, 'must be an IANA time zone, like America/Chicago');

/** Whole cents, in currency units. */
const depositAmount = z
  .number()
  .min(1)
  .max(10_000)
  .refine(
    (amount) => Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6,
    'must have at most two decimals',
  );

/** Callers read it on the page where they pay. */
const depositDescription = freeText
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !/[\t\n\r]/.test(text), 'must stand on one line')
  .refine(
    (text) => problemOfName(text) === undefined,
    'must not contain a web address, an e-mail address or a phone number',
  );

/** What is set on a DJ's number, in the API's words; older texts may hold what is refused now. */
export const shownSettings = z.strictObject({
  recording_enabled: z.boolean(),
  call_screening: z.enum(['none', 'press-1']),
  whisper: z.string().trim().max(200).nullable(),
  ring_timeout_seconds: z.int().min(10).max(30),
  voicemail_greeting: z.string().trim().max(500).nullable(),
  sms_follow_up: z.boolean(),
  missed_call_text: z.boolean(),
  alert_on_text: z.boolean().meta({ description: 'Whether the DJ is texted when a caller texts the number' }),
  alert_on_missed_call: z.boolean(),
  alert_on_voicemail: z.boolean(),
  alert_on_payment: z.boolean(),
  language: z.enum(['en', 'es']),
  time_zone: timeZone,
  deposit_amount: depositAmount
    .nullable()
    .meta({ description: 'What callers are asked to pay, in currency units; null lets them choose' }),
  deposit_description: z.string().max(100).nullable().meta({
    description:
      'What the payment is for, as shown on the payment page with the display name; null means "Event booking deposit"',
  }),
});

/** What can be set, each by itself: what is left out stays as it is, so none may have a default here. */
export const settableSettings = shownSettings
  .extend({
    whisper: freeText.trim().max(200).nullable(),
    voicemail_greeting: freeText.trim().max(500).nullable(),
    deposit_description: depositDescription.nullable(),
  })
  .partial();

export type Settings = z.output<typeof shownSettings>;
