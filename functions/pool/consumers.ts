import { consumer } from '#shared/queue/consumer.ts';
import * as queues from '#shared/queues.ts';

export const fillOrder = () =>
  consumer({
    source: 'queue',
    queue: 'orders',
    summary: 'Buy the numbers of a large purchase',
    message: queues.orders(),
    grants: [
      'number:read',
      'number:write',
      'sid:write',
      'purchases:write',
      'orders:read',
      'orders:write',
      'switches:read',
      'twilio:numbers',
    ],
    timeoutSeconds: 180,
    receivesMax: 5,
    batchSize: 1,
    impact: 'Numbers that were ordered for the pool are not bought.',
  });
