import type { CallPolicy } from '#shared/calls/policy.ts';
import { eventTypes } from '#shared/platform-event-types.ts';
import { type QueueName, queueVariable } from '#shared/queue-name.ts';
import * as queues from '#shared/queues.ts';
import { textsPolicy } from '#shared/texts/policy.ts';
import { setIdentityEnvironment } from '#test/shared/http/api-event.ts';
import { accountSid, authToken, publicBaseUrl } from '#test/shared/twilio/signed-event.ts';

/** Fewer anonymous calls than by default, so that tests reach the limit soon. */
export const callPolicy: CallPolicy = {
  talkSecondsMax: 7200,
  dailyPerCaller: 30,
  dailyAnonymous: 36,
  refusedPrefixes: ['907'],
};

/** The variables of all queues, each with a URL that ends in the queue's name. */
export function queueUrls(base: string): Record<string, string> {
  return Object.fromEntries(
    (Object.keys(queues) as QueueName[]).map((name) => [queueVariable(name), `${base}/${name}`]),
  );
}

/** Everything that infrastructure may give a function, for addresses that nothing listens on. */
export function setHandlerEnvironment(over: Record<string, string> = {}): void {
  setIdentityEnvironment();
  const nowhere = 'http://127.0.0.1:9';
  Object.assign(process.env, {
    STAGE: 'test',
    PUBLIC_BASE_URL: publicBaseUrl,
    FORMER_BASE_URLS: '',
    TABLE_NAME: 'nowhere',
    TWILIO_SECRET_ID: 'twilio',
    TWILIO_API_URL: nowhere,
    TWILIO_MESSAGING_URL: nowhere,
    TWILIO_TIMEOUT_MS: '5000',
    MESSAGING_SERVICE_SID: '',
    PLATFORM_SENDER: '',
    DAILY_PURCHASE_CAP: '100',
    POOL_POLICY: '{}',
    TEXTS_POLICY: JSON.stringify(textsPolicy.parse({})),
    FOLLOW_UP_POLICY: '{}',
    RETENTION_POLICY: '{}',
    CALL_POLICY: JSON.stringify(callPolicy),
    TIPJAR_SECRET_ID: 'tipjar',
    TIPJAR_API_SECRET_ID: 'tipjar-api',
    TIPJAR_BASE_URL: nowhere,
    TIPJAR_PAY_ORIGINS: 'https://pay.example.com',
    KEYS_SECRET_ID: 'keys',
    CURSORS_SECRET_ID: 'cursors',
    PLATFORM_SECRET_ID: 'platform',
    PLATFORM_WEBHOOK_URL: '',
    PLATFORM_WEBHOOK_EVENTS: eventTypes.join(','),
    FILES_BUCKET: 'files-of-the-tests',
    RECORDING_DAYS: '365',
    ...queueUrls(nowhere),
    ...over,
  });
}

export const twilioSecret = { accountSid, authToken };
export const tipJarSecret = { webhookSecret: 'whsec_tests' };
export const tipJarApiSecret = { apiKey: 'api-key-of-the-tests' };
export const cursorsSecret = { cursorKey: 'cursor-key-of-the-tests' };
export const keysSecret = { consentKey: 'key-of-the-tests' };
export const platformSecret = {
  webhookKey: `whsec_${Buffer.from('a key of twenty-four bytes').toString('base64')}`,
};
