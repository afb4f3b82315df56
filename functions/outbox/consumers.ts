import { consumer } from '#shared/queue/consumer.ts';

export const relayChanges = () =>
  consumer({
    source: 'stream',
    summary: 'Turn changes of calls, payments, numbers, clicks and orders into messages for the workers',
    entities: ['call', 'order', 'number-history', 'click', 'payment', 'payment-event', 'export'],
    grants: [
      'queue:followUps',
      'queue:callFacts',
      'queue:orders',
      'queue:notices',
      'queue:refusals',
      'queue:attributions',
      'queue:events',
      'queue:recordings',
      'queue:exports',
    ],
    timeoutSeconds: 30,
    batchSize: 50,
    retriesMax: 8,
    impact:
      'Finished calls get no payment link and are not counted until the sweeper finds them; ordered numbers wait an hour; the platform is not told.',
  });
