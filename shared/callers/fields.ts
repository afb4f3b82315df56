import * as z from 'zod';
import { e164 } from '#shared/fields.ts';

/** A caller as Twilio names him: his number, or `anonymous` when he hides it. */
export const callerNumber = z.union(
  [z.literal('anonymous'), e164],
  'must be in E.164 shape, like +19015550101, or "anonymous"',
);

/** A caller who is turned away. */
export const blockReply = z
  .object({
    caller_number: z.string(),
    reason: z.string().nullable(),
    blocked_by: z.string().meta({ description: 'Role and id of the person or machine that did it' }),
    blocked_at: z.string(),
  })
  .meta({ id: 'BlockedCaller' });
