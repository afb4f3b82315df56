import * as z from 'zod';
import { keptId } from '#shared/fields.ts';
import type { CallId, OwnerId } from '#shared/id.ts';
import { consumer } from '#shared/queue/consumer.ts';

export const attributeCalls = () =>
  consumer({
    source: 'queue',
    queue: 'attributions',
    summary: 'Find out which click on a page a call came from',
    message: z.union([
      z.object({ callId: keptId<CallId>() }),
      z.object({ djProfileId: keptId<OwnerId>(), clickedAt: z.string() }),
    ]),
    grants: ['djCalls:read', 'call:read', 'call:write', 'clicks:read', 'clicks:write'],
    timeoutSeconds: 30,
    receivesMax: 8,
    batchSize: 10,
    concurrencyMax: 20,
    impact: 'DJs do not see from which page or campaign their calls came.',
  });
