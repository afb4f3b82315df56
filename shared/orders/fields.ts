import * as z from 'zod';

/** How a purchase of many numbers goes on. */
export const purchaseReply = z
  .object({
    id: z.string(),
    status: z.enum(['queued', 'running', 'paused', 'done']).meta({
      description: 'Paused while an operator has stopped all purchases; it continues by itself afterwards',
    }),
    count: z.int().meta({ description: 'Numbers asked for' }),
    areaCode: z.string().nullable(),
    bought: z.int(),
    failed: z.int().meta({ description: 'Numbers that could not be bought; others were tried instead' }),
    unknown: z.int().meta({ description: 'Only an audit can tell whether these were bought' }),
    reason: z.string().nullable().meta({ description: 'Why fewer numbers were bought than requested' }),
    created_at: z.string(),
    finished_at: z.string().nullable(),
    numbers: z.array(
      z.object({
        phoneNumber: z.string(),
        sid: z.string().nullable(),
        status: z.enum(['bought', 'failed', 'unknown']),
        code: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Purchase' });
