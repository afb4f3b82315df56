import { route } from '#shared/http/route.ts';

export const receiveMessage = () =>
  route({
    method: 'POST',
    path: '/api/djdash/messages/incoming',
    summary: 'Twilio delivers a text to a virtual number: opt-outs are kept',
    auth: ['twilio'],
    grants: ['twilio:signature', 'consent:key', 'consent:write'],
    status: 200,
  });

export const recordDelivery = () =>
  route({
    method: 'POST',
    path: '/api/djdash/messages/status/{callId}',
    summary: 'Twilio reports the delivery of a payment link',
    auth: ['twilio'],
    grants: ['twilio:signature', 'call:write'],
    status: 204,
  });
