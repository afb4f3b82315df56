import * as z from 'zod';
import { freeText } from '#shared/free-text.ts';

/** What is asked of a switch. */
export const switchChange = z
  .strictObject({ stopped: z.boolean(), reason: freeText.trim().min(1).max(200).optional() })
  .refine(({ stopped, reason }) => !stopped || reason !== undefined, {
    path: ['reason'],
    message: 'must say why it is stopped',
  });

/** A switch as it stands. */
export const switchReply = z
  .object({
    name: z.enum(['texts', 'purchases']),
    stopped: z.boolean(),
    reason: z.string().nullable(),
    changed_by: z.string().nullable(),
    changed_at: z.string().nullable(),
  })
  .meta({ id: 'Switch' });
