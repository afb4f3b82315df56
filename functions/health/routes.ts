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

export const checkReadiness = () =>
  route({
    method: 'GET',
    path: '/api/health/ready',
    summary: 'Say whether the service can work now: 503 while its table does not answer',
    auth: ['public'],
    grants: ['switches:read'],
    status: 200,
    reply: z.object({ status: z.literal('ready'), stage: z.string() }),
  });
