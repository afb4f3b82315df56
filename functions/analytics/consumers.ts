import * as z from 'zod';
import { keptId } from '#shared/fields.ts';
import type { CallId } from '#shared/id.ts';
import { consumer } from '#shared/queue/consumer.ts';

export const aggregateCalls = () =>
  consumer({
    source: 'queue',
    queue: 'callFacts',
    summary: "Bring a call's share of its DJ's daily counters up to date",
    message: z.object({ callId: keptId<CallId>() }),
    grants: ['call:read', 'call:write', 'stats:write', 'usage:write'],
    timeoutSeconds: 30,
    receivesMax: 8,
    batchSize: 20,
    batchWindowSeconds: 1,
    concurrencyMax: 20,
    impact: 'Calls and revenue are missing from the analytics of DJs until the messages are replayed.',
  });
