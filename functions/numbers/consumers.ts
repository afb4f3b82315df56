import * as z from 'zod';
import { consumer } from '#shared/queue/consumer.ts';

export const tellFormerTarget = () =>
  consumer({
    source: 'queue',
    queue: 'notices',
    summary: 'Tell a phone by text that the calls of a DJ ring it no longer',
    message: z.object({ phoneNumber: z.string(), historyKey: z.string() }),
    grants: [
      'number:read',
      'number:write',
      'consent:key',
      'consent:read',
      'consent:write',
      'twilio:messages',
    ],
    timeoutSeconds: 60,
    receivesMax: 5,
    batchSize: 5,
    impact: "Whoever takes a DJ's calls over by changing his forwarding target does so unnoticed.",
  });

export const refuseTexts = () =>
  consumer({
    source: 'queue',
    queue: 'refusals',
    summary: 'Note that carriers refuse the texts of a number',
    message: z.object({ phoneNumber: z.string(), code: z.string() }),
    grants: ['number:read', 'number:write', 'dj:write'],
    timeoutSeconds: 20,
    receivesMax: 5,
    batchSize: 5,
    impact: 'Payment links are sent from numbers whose texts carriers refuse; callers do not get them.',
  });
