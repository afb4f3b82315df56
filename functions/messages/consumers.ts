import { consumer } from '#shared/queue/consumer.ts';
import * as queues from '#shared/queues.ts';
import { textGrants } from '#shared/texts/text-grants.ts';

export const sendFollowUp = () =>
  consumer({
    source: 'queue',
    queue: 'followUps',
    summary: 'Decide on the follow-up of a finished call and text its caller once',
    message: queues.followUps(),
    grants: [
      'call:read',
      'call:write',
      'session:write',
      ...textGrants,
      'followUps:policy',
      'tipjar:sessions',
      'twilio:messages',
    ],
    timeoutSeconds: 60,
    receivesMax: 5,
    batchSize: 5,
    concurrencyMax: 20,
    impact: 'Callers do not get their payment links, and DJs are not paid for the calls.',
  });

export const tellFormerTarget = () =>
  consumer({
    source: 'queue',
    queue: 'notices',
    summary: 'Tell a phone by text that the calls of a DJ ring it no longer',
    message: queues.notices(),
    grants: ['number:read', 'number:write', ...textGrants, 'twilio:messages'],
    timeoutSeconds: 60,
    receivesMax: 5,
    batchSize: 5,
    impact: "Whoever takes a DJ's calls over by changing the forwarding target does so unnoticed.",
  });
