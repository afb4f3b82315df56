import * as z from 'zod';

const texts = (most: number) => z.int().min(0).max(most);

/** The rules that every text obeys; a stage's settings (`texts` in cdk.json) may change each of these. */
export const textsPolicy = z.strictObject({
  /** Countries whose geographic numbers are texted. */
  countries: z
    .array(z.enum(['US', 'CA']))
    .min(1)
    .default(['US', 'CA']),
  /** Texts a day (UTC) at most, of all kinds but alerts: to one phone for all DJs together, for one DJ, of the whole account, alerts too. */
  dailyPerPhone: texts(100).default(3),
  dailyPerDj: texts(10_000).default(100),
  dailyOfAccount: texts(1_000_000).default(5000),
  /** Of these, notices to former forwarding targets: to one phone, for one DJ. */
  dailyNoticesPerPhone: texts(100).default(2),
  dailyNoticesPerDj: texts(10_000).default(5),
  /**
   * Of these, automatic replies from the number of one DJ, so that strangers who text it leave enough for the DJ's callers;
   * as many from all numbers together that nobody holds.
   */
  dailyRepliesPerDj: texts(10_000).default(20),
  /** Alerts to a DJ who asked for them, and to one phone; not among those above. */
  dailyAlertsPerDj: texts(1000).default(20),
});

export type TextsPolicy = z.output<typeof textsPolicy>;
