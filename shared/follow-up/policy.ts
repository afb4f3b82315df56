import * as z from 'zod';
import { requireEnv } from '#shared/env.ts';
import { isOneSegment } from '#shared/texts/gsm7.ts';
import { linkCharactersMax } from '#shared/texts/template.ts';

const variantName = z.string().regex(/^[a-z0-9-]{1,20}$/, 'must be 1-20 of a-z 0-9 -');

/** A name is cut to what is left of a segment, but not shorter than this; what stands for a DJ without one is no longer. */
const nameCharactersMin = 12;

/** A Lambda's environment holds 4 KB in all, and the policy is part of it. */
const variantsMax = 5;
const policyBytesMax = 2600;

const template = z
  .string()
  .max(160)
  .refine((text) => text.includes('STOP'), 'must say how to stop: STOP')
  .refine(
    (text) => !/\{(?!dj\}|link\})/.test(text),
    'may use no variables other than {dj}, the DJ’s name, and {link}',
  )
  .refine((text) => text.split('{dj}').length === 2, 'must contain {dj}, the DJ’s name, exactly once')
  .refine(
    (text) =>
      isOneSegment(
        text
          .replaceAll('{dj}', 'x'.repeat(nameCharactersMin))
          .replaceAll('{link}', 'x'.repeat(linkCharactersMax)),
      ),
    `must fit one segment of GSM-7 with a link of ${linkCharactersMax} characters and a name of ${nameCharactersMin}`,
  );
const withLink = template.refine(
  (text) => text.split('{link}').length === 2,
  'must contain {link} exactly once',
);
const withoutLink = template.refine(
  (text) => !text.includes('{link}'),
  'must not contain {link}: there is nothing to pay',
);

/** Texts of one language by the names of their variants; a phone always gets the same variant. */
const variantsOf = (text: z.ZodType<string>) =>
  z
    .record(variantName, text)
    .refine((variants) => Object.keys(variants).length > 0, 'must have at least one variant')
    .refine(
      (variants) => Object.keys(variants).length <= variantsMax,
      `must have at most ${variantsMax} variants`,
    );
const byLanguage = (text: z.ZodType<string>) =>
  z.strictObject({ en: variantsOf(text), es: variantsOf(text) });

/** How callers are texted; a stage's settings (`followUp` in cdk.json) may change each of these. */
export const followUpPolicy = z
  .strictObject({
    /** A caller gets no second link of the same DJ in so many hours while the first is not paid; 0: always another. */
    repeatHours: z.int().min(0).max(720).default(24),
    /** `deferred`: the text right after the caller's own call comes at any hour, later ones from 8:00 until 21:00; `all`: none comes at night. */
    quietHours: z.enum(['deferred', 'all']).default('deferred'),
    /** What callers are texted after a conversation. */
    paymentLink: byLanguage(withLink).default({
      en: {
        standard: 'DJ Dash: thanks for calling {dj}! Pay your deposit here: {link} Reply STOP to opt out',
      },
      es: {
        standard:
          'DJ Dash: gracias por llamar a {dj}! Pague su anticipo: {link} Responda STOP para no recibir mas',
      },
    }),
    /** What they are texted after a call that nobody took, for DJs who want that (`missed_call_text`). */
    missedCall: byLanguage(withoutLink).default({
      en: {
        standard:
          'DJ Dash: sorry we missed your call to {dj}! We will get back to you soon. Reply STOP to opt out',
      },
      es: {
        standard:
          'DJ Dash: sentimos no haber contestado su llamada a {dj}. Le llamaremos pronto. Responda STOP para no recibir mas',
      },
    }),
  })
  .refine(
    (policy) => Buffer.byteLength(JSON.stringify(policy)) <= policyBytesMax,
    `must be at most ${policyBytesMax} bytes in all: write fewer or shorter texts`,
  );

export type FollowUpPolicy = z.output<typeof followUpPolicy>;

/** The policy of this stage. @throws Error when the deployment did not give it */
export function readFollowUpPolicy(): FollowUpPolicy {
  return followUpPolicy.parse(JSON.parse(requireEnv('FOLLOW_UP_POLICY')));
}
