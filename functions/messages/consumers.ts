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
      'texts:write',
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

export const placeText = () =>
  consumer({
    source: 'queue',
    queue: 'receivedTexts',
    summary: 'Find the call that a text belongs to, after which the platform and the DJ are told of it',
    message: queues.receivedTexts(),
    grants: ['texts:read', 'texts:write', 'caller:read', 'djCalls:read', 'call:read', 'call:write'],
    timeoutSeconds: 30,
    receivesMax: 5,
    batchSize: 5,
    impact: 'Texts from callers stand in their threads, but neither the platform nor the DJ is told of them.',
  });

export const alertDj = () =>
  consumer({
    source: 'queue',
    queue: 'alerts',
    summary: 'Tell DJs by text of texts, missed calls, voicemails and payments, if they asked for it',
    message: queues.alerts(),
    grants: [
      'call:read',
      'payment:read',
      'dj:read',
      'alerts:read',
      'alerts:write',
      ...textGrants,
      'texts:read',
      'twilio:messages',
    ],
    timeoutSeconds: 60,
    receivesMax: 5,
    batchSize: 5,
    impact: 'DJs who asked to be told by text of what happens learn of it only in DJ Dash.',
  });
