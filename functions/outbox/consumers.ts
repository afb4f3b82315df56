import { consumer } from '#shared/queue/consumer.ts';

export const relayChanges = () =>
  consumer({
    source: 'stream',
    summary: 'Turn changes of calls into messages for the workers',
    entities: ['call'],
    grants: ['queue:followUps', 'queue:callFacts'],
    timeoutSeconds: 30,
    batchSize: 50,
    retriesMax: 8,
    impact: 'Finished calls get no payment link and are not counted until the sweeper finds them.',
  });
