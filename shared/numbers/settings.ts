import * as z from 'zod';
import { freeText } from '#shared/free-text.ts';

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

/** What is set on a DJ's number, in the API's words; older texts may hold what is refused now. */
export const shownSettings = z.strictObject({
  recording_enabled: z.boolean(),
  call_screening: z.enum(['none', 'press-1']),
  whisper: z.string().trim().max(200).nullable(),
  ring_timeout_seconds: z.int().min(10).max(30),
  voicemail_greeting: z.string().trim().max(500).nullable(),
  sms_follow_up: z.boolean(),
  missed_call_text: z.boolean(),
  language: z.enum(['en', 'es']),
  time_zone: timeZone,
});

/** What can be set, each by itself: what is left out stays as it is, so none may have a default here. */
export const settableSettings = shownSettings
  .extend({
    whisper: freeText.trim().max(200).nullable(),
    voicemail_greeting: freeText.trim().max(500).nullable(),
  })
  .partial();

export type Settings = z.output<typeof shownSettings>;
