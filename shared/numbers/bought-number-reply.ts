import type * as z from 'zod';
import type { boughtNumberReply } from './fields.ts';
import type { VirtualNumber } from './number.ts';

/** A number that was just bought, in the API's words. */
export function boughtNumberReplyOf({
  phoneNumber,
  sid,
  friendlyName,
}: VirtualNumber): z.input<typeof boughtNumberReply> {
  return { phoneNumber, sid: sid ?? '', friendlyName };
}
