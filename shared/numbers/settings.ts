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

const { shape } = shownSettings;

/** Settings as the table keeps them. What nobody has set, and what numbers were stored without, has its default. */
export const storedSettings = z.strictObject({
  recording_enabled: shape.recording_enabled.default(false),
  call_screening: shape.call_screening.default('none'),
  whisper: shape.whisper.default(null),
  ring_timeout_seconds: shape.ring_timeout_seconds.default(18),
  voicemail_greeting: shape.voicemail_greeting.default(null),
  sms_follow_up: shape.sms_follow_up.default(true),
  missed_call_text: shape.missed_call_text.default(false),
  language: shape.language.default('en'),
  time_zone: shape.time_zone,
} satisfies Record<keyof typeof shape, z.ZodType>);

export type Settings = z.output<typeof storedSettings>;

/** Settings of a number that nobody has set yet, in the given zone. */
export function defaultSettings(timeZone: string): Settings {
  return storedSettings.parse({ time_zone: timeZone });
}
