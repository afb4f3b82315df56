import { consumer } from '#shared/queue/consumer.ts';
import * as queues from '#shared/queues.ts';

export const attributeCalls = () =>
  consumer({
    source: 'queue',
    queue: 'attributions',
    summary: 'Find out which click on a page a call came from',
    message: queues.attributions(),
    grants: ['djCalls:read', 'call:read', 'call:write', 'clicks:read', 'clicks:write'],
    timeoutSeconds: 30,
    receivesMax: 8,
    batchSize: 10,
    concurrencyMax: 20,
    impact: 'DJs do not see from which page or campaign their calls came.',
  });
