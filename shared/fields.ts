import * as z from 'zod';
import { freeText } from './free-text.ts';
import { isDjProfileId, isE164, isPhoneNumberSid } from './id.ts';

/** The platform's own id of a DJ. */
export const djProfileId = z
  .string()
  .refine(isDjProfileId, 'must be 1-128 characters of A-Z a-z 0-9 . _ : -')
  .meta({ description: "The platform's own id of a DJ", pattern: '^[A-Za-z0-9._:-]{1,128}$' });

/** Our own id of a call. */
export const callId = z.string().regex(/^call_[0-9a-f]{32}$/, 'must be a call id');

/** The same, or the CallSid by which Twilio knows the call. */
export const callIdOrSid = z.string().regex(/^(call_|CA)[0-9a-f]{32}$/, 'must be a call id or a CallSid');

/** A number in E.164 shape, such as `+19015550101`. */
export const e164 = z
  .string()
  .refine(isE164, 'must be in E.164 shape, like +19015550101')
  .meta({ pattern: '^\\+[1-9][0-9]{6,14}$' });

/** A phone number as people write it, like `(901) 555-0101`. */
export const writtenNumber = freeText.min(1).max(40);

/** Twilio's id of an incoming phone number. */
export const phoneNumberSid = z
  .string()
  .refine(isPhoneNumberSid, 'must be PN and 32 hexadecimal digits')
  .meta({ pattern: '^PN[0-9a-f]{32}$' });

/** The seeds put it on every record; there is one product. */
export const productContext = z.literal('djdash', 'must be "djdash"');

/** An area code of the North American plan. */
export const areaCode = z.string().regex(/^[2-9]\d\d$/, 'must be three digits, the first 2-9');

/** `YYYY-MM-DD` that exists, or an RFC 3339 instant, of this century. */
export const dayOrInstant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'must be YYYY-MM-DD or an RFC 3339 date and time',
  })
  .refine((text) => text.startsWith('20'), 'must lie between 2000 and 2099');

/** `YYYY-MM-DD` of this century. */
export const day = z.iso
  .date('must be a day like 2026-03-31')
  .refine((text) => text.startsWith('20'), 'must lie between 2000 and 2099');

/** `YYYY-MM` of this century. */
export const month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'must be a month like 2026-03');

/** Page size of lists. */
export const limit = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(100, 'must be at most 100')
  .default(50);

/** Where the next page begins, as the last answer gave it. */
export const cursor = freeText.min(1).max(2048);
