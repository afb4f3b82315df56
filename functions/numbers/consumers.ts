import { consumer } from '#shared/queue/consumer.ts';
import * as queues from '#shared/queues.ts';

export const refuseTexts = () =>
  consumer({
    source: 'queue',
    queue: 'refusals',
    summary: 'Note that carriers refuse the texts of a number',
    message: queues.refusals(),
    grants: ['number:read', 'number:write', 'dj:write'],
    timeoutSeconds: 20,
    receivesMax: 5,
    batchSize: 5,
    impact: 'Payment links are sent from numbers whose texts carriers refuse; callers do not get them.',
  });
