import * as z from 'zod';
import { callReply } from '#shared/calls/fields.ts';

/** What was looked at to find out why calls may not reach a DJ. */
export const diagnosisReply = z
  .object({
    phone_number: z.string(),
    healthy: z.boolean(),
    checks: z.array(
      z.object({
        check: z.enum(['active', 'owned', 'webhooks', 'forwarding', 'texting', 'last-call']),
        ok: z.boolean(),
        code: z.string().nullable().default(null).meta({ description: 'Why this could not be checked' }),
        detail: z.string().meta({ description: 'What was found and, if it is wrong, what to do' }),
      }),
    ),
    last_call: callReply.nullable(),
  })
  .meta({ id: 'Diagnosis' });
