import * as z from 'zod';
import { freeText } from '#shared/free-text.ts';

/** A caller as people write a phone number, or `anonymous` for those who hide theirs. */
export const callerNumber = freeText
  .min(1)
  .max(40)
  .meta({ description: 'As people write it, like (901) 555-0101, or "anonymous"' });

/** A caller who is turned away. */
export const blockReply = z
  .object({
    caller_number: z.string(),
    reason: z.string().nullable(),
    blocked_by: z.string().meta({ description: 'Role and id of the person or machine that did it' }),
    blocked_at: z.string(),
  })
  .meta({ id: 'BlockedCaller' });
