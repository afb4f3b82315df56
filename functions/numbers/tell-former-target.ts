import { now } from '#shared/clock.ts';
import { consentRepository } from '#shared/consent/consent.repository.ts';
import { requireEnv } from '#shared/env.ts';
import { noticeRepository } from '#shared/numbers/notice.repository.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { tellFormerTarget } from '#shared/numbers/tell-former-target.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioTexting } from '#shared/twilio/messages.ts';
import * as numbers from './consumers.ts';

const table = connectTable();
const deps = {
  numbers: numberRepository(table),
  notices: noticeRepository(table),
  consents: consentRepository(table),
  texting: twilioTexting(),
  platform: {
    messagingServiceSid: requireEnv('MESSAGING_SERVICE_SID'),
    phoneNumber: requireEnv('PLATFORM_SENDER'),
  },
  now,
};

export const handler = queueHandler(numbers.tellFormerTarget, (message) => tellFormerTarget(deps, message));
