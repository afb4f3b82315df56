import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { requireEnv } from '#shared/env.ts';
import { allowanceRepository } from '#shared/follow-up/allowance.repository.ts';
import { followUpRepository } from '#shared/follow-up/follow-up.repository.ts';
import { followUpCall } from '#shared/follow-up/follow-up-call.ts';
import { readFollowUpPolicy } from '#shared/follow-up/policy.ts';
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
  allowances: allowanceRepository(table),
  tipJar: tipJarSessions(),
  texting: twilioTexting(),
  platform: {
    messagingServiceSid: requireEnv('MESSAGING_SERVICE_SID'),
    phoneNumber: requireEnv('PLATFORM_SENDER'),
  },
  policy: readFollowUpPolicy(),
  now,
};

export const handler = queueHandler(tipjar.sendFollowUp, async ({ callId }) => followUpCall(deps, callId));
