import * as z from 'zod';
import { keptId } from '#shared/fields.ts';
import type { OrderId } from '#shared/id.ts';
import { consumer } from '#shared/queue/consumer.ts';

export const fillOrder = () =>
  consumer({
    source: 'queue',
    queue: 'orders',
    summary: 'Buy the numbers of a large purchase',
    message: z.object({ orderId: keptId<OrderId>() }),
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
