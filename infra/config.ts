import * as z from 'zod';
import type { CallPolicy } from '#shared/calls/policy.ts';
import { followUpPolicy } from '#shared/follow-up/policy.ts';
import { eventTypes } from '#shared/platform-event-types.ts';
import { poolPolicy } from '#shared/pool/policy.ts';
import { retentionPolicy } from '#shared/privacy/policy.ts';
import { textsPolicy } from '#shared/texts/policy.ts';
import { namesUser } from '#shared/url-user.ts';
import settings from '../cdk.json' with { type: 'json' };

// Settings stand in templates and in the environment of functions.
const credentialsMessage = 'must not carry a user name or password: those belong into a secret';
const WebUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !url.endsWith('/'), 'must not end with a slash')
  .refine((url) => !namesUser(url), credentialsMessage);
const Origin = WebUrl.refine((url) => URL.canParse(url) && new URL(url).origin === url, 'must be an origin');
/** Providers are compared with the `iss` of tokens to the letter: Auth0's end in a slash. */
const Issuer = z.url({ protocol: /^https?$/ }).refine((url) => !namesUser(url), credentialsMessage);
const ClaimPath = z.array(z.string().min(1)).min(1);

const Identity = z.strictObject({
  /** OpenID Connect issuer; exactly as tokens name it, with the slash at the end where there is one. API Gateway
   * reads its keys from `/.well-known/openid-configuration` below it. */
  issuer: Issuer,
  audience: z.array(z.string().min(1)).min(1),
  /** Paths into the token's claims. */
  rolesClaim: ClaimPath.default(['cognito:groups']),
  scopesClaim: ClaimPath.default(['scope']),
  djClaim: ClaimPath.default(['dj_profile_id']),
  /** The scope that makes a token the service's. */
  serviceScope: z.string().min(1).default('api/service'),
});

const CustomDomain = z.strictObject({
  domainName: z.hostname(),
  /** ACM certificate in the stage's region. */
  certificateArn: z.string().startsWith('arn:'),
  /** Route 53 zone that gets the alias record; without it the operator points the name there. */
  hostedZone: z.strictObject({ id: z.string().min(1), name: z.hostname() }).optional(),
  /** False: it is served, and signatures for it are accepted, but Twilio and people are sent to the API's own URL. */
  inUse: z.boolean().default(true),
});

const PlatformWebhook = z.strictObject({
  /** Where the platform is told of calls, payments and numbers. */
  url: z.url({ protocol: /^https?$/ }).refine((url) => !namesUser(url), credentialsMessage),
  /** What it is told; everything unless given. */
  events: z
    .array(z.enum(eventTypes))
    .min(1)
    .default([...eventTypes]),
});

/** A Lambda's environment holds 4 KB in all, and the prefixes are part of it. */
const refusedPrefixesMax = 50;

/** The settings that call handlers read, which carry no schema library. */
const Calls = z.strictObject({
  // Twilio's own maximum is four hours.
  talkSecondsMax: z.int().min(60).max(14_400).default(7200),
  dailyPerCaller: z.int().min(1).max(500).default(30),
  dailyAnonymous: z.int().min(1).max(1000).default(100),
  refusedPrefixes: z
    .array(
      z.string().regex(/^[2-9]\d\d([2-9]\d\d)?$/, 'must be an area code, or one with an exchange: 712432'),
    )
    .max(refusedPrefixesMax)
    .default([]),
}) satisfies z.ZodType<CallPolicy>;

/** For each of them a webhook that nobody signed costs a few HMACs more. */
const formerBaseUrlsMax = 3;

const places = z.int().min(1).max(10_000).optional();
const ReservedConcurrency = z.strictObject({ answerCall: places, answerFallback: places });

const Config = z
  .strictObject({
    /** Part of every name, so that several stages fit into one account. */
    stage: z.string().regex(/^[a-z][a-z0-9]{1,11}$/),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
    account: z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    customDomain: CustomDomain.optional(),
    /** Base URLs under which Twilio still calls us, beside the custom domain's and the API's own. */
    formerBaseUrls: z.array(Origin).max(formerBaseUrlsMax).default([]),
    /** An existing identity provider; without it the data stack makes a Cognito user pool. */
    identity: Identity.optional(),
    /** Web pages that may call the API from a browser. */
    allowedOrigins: z.array(Origin),
    messagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-f]{32}$/)
      .optional(),
    /** Number that texts are sent from when the virtual number can't. */
    platformSender: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/)
      .optional(),
    tipjar: z.strictObject({ baseUrl: WebUrl, payOrigins: z.array(Origin).min(1) }),
    /** The platform's receiver of events; without it nothing is recorded or sent. */
    platformWebhook: PlatformWebhook.optional(),
    /** Places that functions have to themselves among those that may run at once in the account; none unless told. */
    reservedConcurrency: ReservedConcurrency.optional(),
    /** Who is told of what is wrong: of tickets, and of pages unless they have an address of their own. */
    alarmEmail: z.email().optional(),
    /** Who is woken, such as the mailbox of a pager. */
    pageEmail: z.email().optional(),
    /** Days that our copies of recordings are kept. */
    recordingDays: z.int().min(2).max(3650).default(365),
    /** Numbers that may be bought in a day. */
    dailyPurchaseCap: z.int().min(0).max(1000).default(100),
    /** How the pool of numbers is run. */
    pool: poolPolicy.prefault({}),
    /** What every text obeys: destinations and how many. */
    texts: textsPolicy.prefault({}),
    /** How calls are forwarded. */
    calls: Calls.prefault({}),
    /** How callers are texted after their calls. */
    followUp: followUpPolicy.prefault({}),
    /** How long callers are known by their numbers. */
    retention: retentionPolicy.prefault({}),
    twilioApiUrl: WebUrl.default('https://api.twilio.com'),
    twilioMessagingUrl: WebUrl.default('https://messaging.twilio.com'),
    /** How long Twilio's REST API may take for an answer. */
    twilioTimeoutMs: z.int().min(100).max(10_000).default(5000),
    /** Below this balance of the Twilio account an alarm rings, in the account's currency. */
    twilioBalanceMin: z.number().min(0).default(50),
    /** Where Twilio and TipJar reach the API; only the local stack sets it, others have their own URL. */
    publicBaseUrl: WebUrl.optional(),
    /** Stream of the table, when that was deleted and restored under its own name: its stream has another ARN then. */
    tableStreamArn: z
      .string()
      .regex(/^arn:aws[\w-]*:dynamodb:.+\/stream\/.+$/)
      .optional(),
    /** Keep table, files, users and secrets when a stack is deleted. */
    retainData: z.boolean().default(false),
  })
  .check(({ value: config, issues }) => {
    if (config.stage === 'local') return;
    if (config.stage !== 'dev') {
      for (const [path, text] of textsIn(config).filter(([, text]) => namesExample.test(text))) {
        const message = `is still the placeholder "${text}": put your own into cdk.json, under context.stages.${config.stage}`;
        issues.push({ code: 'custom', path, message, input: config });
      }
    }
    const refuse = (path: string[], message: string) =>
      issues.push({ code: 'custom', path, message, input: config });
    if (config.publicBaseUrl !== undefined) refuse(['publicBaseUrl'], 'only for stage local');
    const urls = {
      formerBaseUrls: config.formerBaseUrls,
      'tipjar.baseUrl': [config.tipjar.baseUrl],
      'tipjar.payOrigins': config.tipjar.payOrigins,
      'platformWebhook.url': config.platformWebhook ? [config.platformWebhook.url] : [],
      twilioApiUrl: [config.twilioApiUrl],
      twilioMessagingUrl: [config.twilioMessagingUrl],
      'identity.issuer': config.identity ? [config.identity.issuer] : [],
    };
    for (const [path, values] of Object.entries(urls)) {
      if (values.some((url) => !url.startsWith('https:'))) refuse(path.split('.'), 'must be https');
    }
  });

/** The domains that belong to nobody (RFC 2606), in an address, a URL or alone; `dev` may be tried with them. */
const namesExample = /(^|[/@.])example\.(com|net|org)($|[/:?#])/i;

/** Every text of the settings with its path. */
function textsIn(value: unknown, path: string[] = []): [path: string[], text: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => textsIn(member, [...path, name]));
}

/** Settings of one stage, checked. */
export type Config = z.output<typeof Config>;
export type ConfigInput = z.input<typeof Config>;

/** CDK's own feature flags, for apps that are built without the cdk command. */
export const context: Readonly<Record<string, unknown>> = settings.context;

/** Checks settings. Throws an Error that lists every problem. */
export function parseConfig(input: ConfigInput): Config {
  const result = Config.safeParse(input);
  if (result.success) return result.data;
  throw new Error(`Settings of stage "${input.stage}" are wrong:\n${z.prettifyError(result.error)}`);
}

/** Settings of a stage as cdk.json has them, with `overrides` on top. */
export function stageConfig(stage: string, overrides: Partial<ConfigInput> = {}): Config {
  const stages: Record<string, Omit<ConfigInput, 'stage'>> = settings.context.stages;
  const found = stages[stage];
  if (!found) {
    throw new Error(`cdk.json has no stage "${stage}"; it has ${Object.keys(stages).join(', ')}`);
  }
  return parseConfig({ ...found, stage, ...overrides });
}
