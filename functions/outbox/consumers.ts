import { relayedEntities } from '#shared/outbox/entities.ts';
import { consumer } from '#shared/queue/consumer.ts';
import type { QueueName } from '#shared/queue-name.ts';
import * as queues from '#shared/queues.ts';

export const relayChanges = () =>
  consumer({
    source: 'stream',
    summary: 'Turn changes of calls, payments, numbers, clicks and orders into messages for the workers',
    entities: [...relayedEntities],
    grants: (Object.keys(queues) as QueueName[]).map((name) => `queue:${name}` as const),
    timeoutSeconds: 30,
    batchSize: 50,
    retriesMax: 8,
    impact:
      'Finished calls get no payment link and are not counted until the sweeper finds them; ordered numbers wait an hour; the platform is not told.',
  });
