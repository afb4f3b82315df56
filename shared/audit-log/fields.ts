import * as z from 'zod';

/** What an admin did, or was refused. */
export const auditLogEntry = z
  .object({
    at: z.string(),
    actor: z.string().meta({ description: 'Role and id of the person or machine that did it' }),
    act: z.string().meta({ description: 'Method and path of the route' }),
    request_id: z.string(),
    status: z.int(),
    code: z.string().nullable().meta({ description: 'Why it was refused or failed; null if it was done' }),
    target: z.record(z.string(), z.string()).meta({
      description:
        'What it was about, by the names used in the request; phone numbers show their last four digits',
    }),
  })
  .meta({ id: 'AuditLogEntry' });
