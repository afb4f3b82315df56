import type { ConfigInput } from '#infra/config.ts';

/** Where a stage is and what it is called; another one is another system. The local stack alone sets its base URL. */
type Place = 'stage' | 'region' | 'account' | 'publicBaseUrl';

/** Another value of every setting than a stage has: a setting that is missing here does not compile. */
export const otherSettings = {
  customDomain: {
    domainName: 'calls.djdash.test',
    certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/one',
    hostedZone: { id: 'Z123', name: 'djdash.test' },
  },
  identity: {
    issuer: 'https://djdash.auth.test/',
    audience: ['dj-dash'],
    rolesClaim: ['realm_access', 'roles'],
    djClaim: ['app', 'dj'],
    serviceScope: 'djdash',
  },
  allowedOrigins: ['https://djdash.test'],
  formerBaseUrls: ['https://calls-old.djdash.test'],
  messagingServiceSid: `MG${'1'.repeat(32)}`,
  platformSender: '+19015550100',
  tipjar: { baseUrl: 'https://tipjar.test', payOrigins: ['https://pay.tipjar.test'] },
  platformWebhook: { url: 'https://djdash.test/switchboard-events', events: ['call.missed'] },
  reservedConcurrency: { answerCall: 50, answerFallback: 10 },
  alarmEmail: 'ops@djdash.test',
  pageEmail: 'pager@djdash.test',
  recordingDays: 30,
  dailyPurchaseCap: 5,
  pool: { coolingDays: 60 },
  texts: { dailyPerPhone: 2 },
  calls: { talkSecondsMax: 600 },
  followUp: { repeatHours: 48 },
  retention: { callerDays: 500 },
  twilioApiUrl: 'https://api.twilio.test',
  twilioMessagingUrl: 'https://messaging.twilio.test',
  twilioTimeoutMs: 4000,
  twilioBalanceMin: 20,
  tableStreamArn:
    'arn:aws:dynamodb:us-east-1:111122223333:table/switchboard-dev/stream/2026-11-20T03:00:00.000',
  personalTenants: true,
  retainData: true,
} as const satisfies { [Name in Exclude<keyof ConfigInput, Place>]-?: NonNullable<ConfigInput[Name]> };

/** What an operator puts in the place of the placeholders of stage prod. */
export const ownAddresses = {
  allowedOrigins: ['https://djdash.test'],
  tipjar: { baseUrl: 'https://tipjar.test', payOrigins: ['https://tipjar.test'] },
} satisfies Partial<ConfigInput>;

/** What a stage may have besides what every stage has. */
export const everySetting = {
  alarmEmail: otherSettings.alarmEmail,
  pageEmail: otherSettings.pageEmail,
  platformWebhook: { url: otherSettings.platformWebhook.url },
  customDomain: otherSettings.customDomain,
} satisfies Partial<ConfigInput>;
