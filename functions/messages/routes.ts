import { route } from '#shared/http/route.ts';
import { textGrants } from '#shared/texts/text-grants.ts';

export const receiveMessage = () =>
  route({
    method: 'POST',
    path: '/api/djdash/messages/incoming',
    summary: 'Twilio delivers a text to a virtual number: it is kept for the DJ and acknowledged once a day',
    auth: ['twilio'],
    grants: ['twilio:signature', 'number:read', 'dj:read', ...textGrants, 'texts:write'],
    status: 200,
  });

export const recordDelivery = () =>
  route({
    method: 'POST',
    path: '/api/djdash/messages/status/{callId}',
    summary: 'Twilio reports the delivery of a text to a caller',
    auth: ['twilio'],
    grants: ['twilio:signature', 'call:write'],
    status: 204,
  });
