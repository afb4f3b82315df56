import type * as z from 'zod';
import type { numberChangeReply } from './fields.ts';
import type { NumberChange } from './number-writes.ts';

/** A change of a number in the API's words. */
export function numberChangeReplyOf({
  djProfileId,
  realPhoneNumber,
  ...change
}: NumberChange): z.input<typeof numberChangeReply> {
  return { ...change, dj_profile_id: djProfileId, real_phone_number: realPhoneNumber };
}
