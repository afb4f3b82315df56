import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { requireEnv } from '#shared/env.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { sendPaymentLink } from '#shared/follow-up/send-payment-link.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { tipJarSessions } from '#shared/tipjar/sessions.ts';
import { twilioTexting } from '#shared/twilio/messages.ts';
import * as tipjar from './consumers.ts';

const table = connectTable();
const deps = {
  calls: callRepository(table),
  followUps: followUpRepository(table),
  consents: consentRepository(table),
  tipJar: tipJarSessions(),
  texting: twilioTexting(),
  platform: {
    messagingServiceSid: requireEnv('MESSAGING_SERVICE_SID'),
    phoneNumber: requireEnv('PLATFORM_SENDER'),
  },
  now,
};

export const handler = queueHandler(tipjar.sendPaymentLink, async ({ callId }) =>
  sendPaymentLink(deps, callId),
);
