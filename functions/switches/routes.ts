import * as z from 'zod';
import { route } from '#shared/http/route.ts';
import { switchChange, switchReply } from '#shared/switches/fields.ts';

const path = '/api/djdash/admin/switches';

export const listSwitches = () =>
  route({
    method: 'GET',
    path,
    summary: 'List what an operator can stop, whether it is stopped, and since when, by whom and why',
    auth: ['admin'],
    grants: ['switches:read'],
    status: 200,
    reply: z.object({ switches: z.array(switchReply) }),
  });

export const updateSwitches = () =>
  route({
    method: 'PUT',
    path,
    summary: 'Stop or resume all texts, or all purchases of numbers',
    auth: ['admin'],
    grants: ['switches:read', 'switches:write'],
    body: z
      .strictObject({ texts: switchChange.optional(), purchases: switchChange.optional() })
      .refine((body) => Object.keys(body).length > 0, 'must name something to stop: texts or purchases'),
    status: 200,
    reply: z.object({ switches: z.array(switchReply) }),
  });
