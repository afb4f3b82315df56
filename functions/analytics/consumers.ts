import { consumer } from '#shared/queue/consumer.ts';
import * as queues from '#shared/queues.ts';

export const aggregateCalls = () =>
  consumer({
    source: 'queue',
    queue: 'callFacts',
    summary: "Bring a call's share of its DJ's daily counters up to date",
    message: queues.callFacts(),
    grants: ['call:read', 'call:write', 'stats:write', 'usage:write'],
    timeoutSeconds: 30,
    receivesMax: 8,
    batchSize: 20,
    // A call is told of when it is over, and again when its text is sent: mostly counted once, with others of its DJ.
    batchWindowSeconds: 5,
    concurrencyMax: 20,
    impact: 'Calls and revenue are missing from the analytics of DJs until the messages are replayed.',
  });
