import { requireEnv } from '#shared/env.ts';
import { httpHandler } from '#shared/http/handler.ts';
import * as health from './routes.ts';

export const handler = httpHandler(health.checkHealth, async () => ({
  status: 'ok' as const,
  stage: requireEnv('STAGE'),
}));
