import { placeOf } from './area-codes.ts';

/** `FromCity`, `FromState`... as Twilio adds them to webhooks; nothing for a number without a known home. */
export function geography(prefix: string, phoneNumber: string): Record<string, string> {
  const place = placeOf(phoneNumber);
  if (!place) return {};
  return {
    [`${prefix}City`]: place.city.toUpperCase(),
    [`${prefix}State`]: place.region,
    [`${prefix}Zip`]: '',
    [`${prefix}Country`]: place.country,
  };
}
