import * as z from 'zod';

export const exportStatuses = ['queued', 'running', 'done', 'failed'] as const;

/** An export as the API answers it. */
export const exportReply = z
  .object({
    id: z.string(),
    status: z.enum(exportStatuses),
    dj_profile_id: z.string().nullable().meta({ description: 'null: the calls of all DJs' }),
    rows: z.int().nullable(),
    url: z.string().nullable().meta({ description: 'Valid for five minutes; ask again for a new one' }),
    reason: z.string().nullable().meta({ description: 'Why it failed' }),
    created_at: z.string(),
    expires_at: z.string(),
  })
  .meta({ id: 'Export' });
