import { consumer } from '#shared/queue/consumer.ts';

export const relayChanges = () =>
  consumer({
    source: 'stream',
    summary: 'Turn changes of calls, orders, numbers and exports into messages for the workers',
    entities: ['call', 'order', 'number-history', 'export'],
    grants: [
      'queue:followUps',
      'queue:callFacts',
      'queue:orders',
      'queue:notices',
      'queue:refusals',
      'queue:recordings',
      'queue:exports',
    ],
    timeoutSeconds: 30,
    batchSize: 50,
    retriesMax: 8,
    impact:
      'Finished calls get no payment link and are not counted until the sweeper finds them; ordered numbers wait an hour.',
  });
