import * as z from 'zod';
import { faultBodies, faultKinds } from '../faults.ts';
import { countries } from '../numbers/area-codes.ts';

const phoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{7,14}$/, 'must be a phone number such as +12125550123')
  .describe('phone number such as +12125550123');
const seconds = z.number().min(0).max(86_400);

const phone = z.strictObject({
  answers: z.boolean().optional(),
  busy: z.boolean().optional(),
  declines: z.boolean().optional(),
  afterSeconds: seconds.optional(),
  carrierVoicemail: z.boolean().optional(),
  digits: z
    .string()
    .regex(/^[\d*#w]*$/, 'takes 0-9, * and #')
    .optional(),
  texts: z.enum(['arrive', 'landline', 'carrierLandline', 'unreachable', 'filtered']).optional(),
});

export const placeCallBody = z.strictObject({
  // Also `anonymous`, `unknown` and whatever else carriers hand over.
  from: z.string().max(100),
  to: phoneNumber,
  talkSeconds: seconds.default(60),
  hangUpBy: z.enum(['caller', 'callee']).default('caller'),
  caller: z
    .strictObject({
      hangsUpWhileRinging: z.boolean().default(false),
      hangsUpWhileHearing: z.boolean().default(false),
      voicemail: z
        .strictObject({
          seconds: seconds,
          transcript: z.string().max(10_000).default(''),
          endsWith: z.enum(['hangup', '#', '*']).default('hangup'),
        })
        .optional(),
      digits: z
        .string()
        .regex(/^[\d*#]*$/, 'takes 0-9, * and #')
        .default(''),
    })
    .prefault({}),
  callee: phone.default({}),
});

export const phoneBody = phone.extend({ number: phoneNumber });

const attachment = z.strictObject({
  contentType: z.string().regex(/^[a-z]+\/[\w.+-]+$/, 'must be a type such as image/jpeg'),
  base64: z.base64().default(Buffer.from('a picture').toString('base64')),
});

export const inboundMessageBody = z
  .strictObject({
    from: phoneNumber,
    to: phoneNumber,
    body: z.string().max(1600).optional(),
    // Pictures and other files; what is in them is made up unless told.
    media: z.array(attachment).max(10).default([]),
  })
  .refine(({ body, media }) => body !== undefined || media.length > 0, 'needs a body or media');

/** An address, or an approved bundle, that the main account has filed with Twilio. */
export const documentBody = z.strictObject({ kind: z.enum(['address', 'bundle']) });

export const stockBody = z.strictObject({
  country: z.enum(countries).default('US'),
  areaCode: z
    .string()
    .regex(/^\d{3}$/, 'must be three digits')
    .describe('three digits')
    .optional(),
  count: z.int().min(0).max(100),
});

const url = z
  .url({ protocol: /^https?$/ })
  .or(z.literal(''))
  .describe('URL, or nothing');
/** What somebody does to a number in Twilio's console. */
export const consoleNumberBody = z.strictObject({
  phoneNumber,
  friendlyName: z.string().max(64).optional(),
  voiceUrl: url.optional(),
  voiceFallbackUrl: url.optional(),
  statusCallback: url.optional(),
  smsUrl: url.optional(),
});

export const deleteNumberBody = consoleNumberBody.pick({ phoneNumber: true });

export const registrationBody = z.strictObject({ number: phoneNumber, registered: z.boolean() });
export const poolLimitBody = z.strictObject({ numbersMax: z.int().min(0).max(400) });
export const balanceBody = z.strictObject({
  balance: z.number(),
  currency: z.string().length(3).default('USD'),
});
export const clockBody = z.strictObject({
  at: z.iso
    .datetime({ offset: true, error: 'must be an instant such as 2026-11-20T10:00:00Z' })
    .describe('instant such as 2026-11-20T10:00:00Z'),
});

const rule = z
  .strictObject({
    on: z.enum(['rest', 'webhooks']).optional(),
    route: z.string().max(200).optional(),
    rate: z.number().min(0).max(1).optional(),
    count: z.int().min(0).optional(),
    status: z.int().min(200).max(599).optional(),
    body: z.enum(faultBodies).optional(),
    delayMs: z.int().min(0).max(60_000).optional(),
  })
  .refine(
    (given) => (given.rate === undefined) !== (given.count === undefined),
    'needs either a rate or a count',
  )
  .meta({ id: 'rule' });
const rules = z.union([z.number().min(0).max(1), rule, z.array(rule)], {
  error: 'must be a rate from 0 to 1, a rule with a rate or a count, or a list of such rules',
});

/** `{duplicate: 0.2, error: {count: 1, route: 'POST *Messages', status: 503}, seed: 7}`; a bare number is a rate. */
export const faultsBody = z.strictObject({
  seed: z.int().optional(),
  ...(Object.fromEntries(faultKinds.map((kind) => [kind, rules.optional()])) as Record<
    (typeof faultKinds)[number],
    z.ZodOptional<typeof rules>
  >),
});

const rate = z.number().min(0).max(1).default(0);

/** `{conflict: 0.2, throttle: 0.05, loseReply: 0.1, seed: 7}`; what is left out never happens. */
export const tableFaultsBody = z.strictObject({
  seed: z.int().optional(),
  conflict: rate,
  throttle: rate,
  loseReply: rate,
});

/** A plus sign that nobody escaped arrives as a space. */
const phoneParam = z.string().overwrite((text) => text.replace(/^ /, '+'));

/** The query of `GET /_sim/messages`. */
export const messagesQuery = z.object({ to: phoneParam.optional(), from: phoneParam.optional() });

const line = z.coerce.number('must be a whole number').int().min(0);

/** The query of `GET /_sim/log`: the number of the entry that was read last. */
export const logQuery = z.object({ after: line.optional() });

/** The query of `GET /_sim/function-log`. */
export const functionLogQuery = z.strictObject({
  function: z.string().max(100).optional(),
  after: line.optional(),
  contains: z.string().max(200).optional(),
  limit: line.min(1).optional(),
});
