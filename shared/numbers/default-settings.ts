import type { Settings } from './settings.ts';

/** What nobody has set. Without a schema library: the call handler reads numbers. */
export const settingDefaults = {
  recording_enabled: false,
  call_screening: 'none',
  whisper: null,
  ring_timeout_seconds: 18,
  voicemail_greeting: null,
  sms_follow_up: true,
  missed_call_text: false,
  alert_on_text: false,
  alert_on_missed_call: false,
  alert_on_voicemail: false,
  alert_on_payment: false,
  language: 'en',
  deposit_amount: null,
  deposit_description: null,
} as const satisfies Omit<Settings, 'time_zone'>;

/** Settings of a number that nobody has set yet, in the given zone. */
export function defaultSettings(timeZone: string): Settings {
  return { ...settingDefaults, time_zone: timeZone };
}
