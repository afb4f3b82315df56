import * as z from 'zod';
import { keptId } from '#shared/fields.ts';
import type { E164 } from '#shared/id.ts';
import { consumer } from '#shared/queue/consumer.ts';

export const refuseTexts = () =>
  consumer({
    source: 'queue',
    queue: 'refusals',
    summary: 'Note that carriers refuse the texts of a number',
    message: z.object({ phoneNumber: keptId<E164>(), code: z.string() }),
    grants: ['number:read', 'number:write', 'dj:write'],
    timeoutSeconds: 20,
    receivesMax: 5,
    batchSize: 5,
    impact: 'Payment links are sent from numbers whose texts carriers refuse; callers do not get them.',
  });
