import * as z from 'zod';
import { roles } from '#shared/http/route.ts';

/** Who calls, in the API's words. */
export const showMeReply = z.object({
  me: z
    .object({
      role: z.enum(roles),
      scope: z.enum(['all', 'djs', 'owner', 'user']).meta({
        description:
          'Whether they see everything, all DJs, what one DJ or tenant owns, or what one user of a tenant has',
      }),
      djProfileId: z.string().nullable(),
      tenantId: z.string().nullable(),
      userId: z.string().nullable(),
      tenantRole: z.enum(['owner', 'member']).nullable(),
      can: z.object({
        seeAllDjs: z.boolean(),
        manageTenant: z
          .boolean()
          .meta({ description: 'May buy and release numbers, top up, and manage the people of the tenant' }),
      }),
    })
    .meta({ id: 'Me' }),
});
