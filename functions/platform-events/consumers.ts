import { consumer } from '#shared/queue/consumer.ts';
import * as queues from '#shared/queues.ts';

export const deliverEvent = () =>
  consumer({
    source: 'queue',
    queue: 'events',
    summary: 'Record what the platform is to be told, in sequence, and deliver it signed',
    message: queues.events(),
    grants: [
      'call:read',
      'payment:read',
      'number:read',
      'texts:read',
      'platformEvents:read',
      'platformEvents:write',
      'platform:webhook',
    ],
    timeoutSeconds: 60,
    receivesMax: 5,
    batchSize: 5,
    concurrencyMax: 5,
    impact: 'The platform does not learn of calls, voicemails, texts, payments and changes of numbers.',
  });
