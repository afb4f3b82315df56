import * as z from 'zod';
import { route } from '#shared/http/route.ts';

export const checkHealth = () =>
  route({
    method: 'GET',
    path: '/api/health',
    summary: 'Say that the service is alive',
    auth: ['public'],
    grants: [],
    status: 200,
    reply: z.object({ status: z.literal('ok'), stage: z.string() }),
  });
