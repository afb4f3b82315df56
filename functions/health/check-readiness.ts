import { requireEnv } from '#shared/env.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { switchRepository } from '#shared/switches/switch.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as health from './routes.ts';

const switches = switchRepository(connectTable());

// One small item that every stage may read. What the table throws is the answer: 503, and when to come again.
export const handler = httpHandler(health.checkReadiness, async () => {
  await switches.find('texts');
  return { status: 'ready' as const, stage: requireEnv('STAGE') };
});
