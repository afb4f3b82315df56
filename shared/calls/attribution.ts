import * as z from 'zod';

/**
 * Where a call came from, as a call keeps it: the click that is its own, and the nearest that it may have been. Anybody may
 * tell of clicks, so little is kept of those of others.
 */
export const storedAttribution = z.object({
  clickId: z.string(),
  at: z.string(),
  referrer: z.string().nullish(),
  utm: z.record(z.string(), z.string()).nullish(),
  /** What all clicks of the window say, the address of the page in full. */
  agreed: z.object({ pageUrl: z.string().nullish(), eventType: z.string().nullish() }).default({}),
  candidates: z
    .array(
      z.object({
        id: z.string(),
        at: z.string(),
        pageUrl: z.string(),
        eventType: z.string().nullish(),
        confidence: z.number(),
      }),
    )
    .min(1),
  /** How many more clicks of the window were weighed. */
  unlisted: z.int().default(0),
  /** The window held more clicks than are read: then nobody knows how sure the call's own is. */
  unread: z.boolean().default(false),
});

export type Attribution = z.output<typeof storedAttribution>;

/** The call's own among its candidates, which need not be the nearest. */
export function ownOf(attribution: Attribution): Attribution['candidates'][number] | undefined {
  return attribution.candidates.find(({ id }) => id === attribution.clickId);
}
