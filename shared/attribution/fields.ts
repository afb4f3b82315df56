import * as z from 'zod';
import { keptId } from '#shared/fields.ts';
import type { CallId, ClickId, OwnerId } from '#shared/id.ts';

/** A click as it is kept. */
export const storedClick = z.object({
  id: keptId<ClickId>(),
  /** The owner of the number on whose page it was, as the attribute has always been called. */
  djProfileId: keptId<OwnerId>(),
  at: z.string(),
  pageUrl: z.string(),
  eventType: z.string().nullish(),
  referrer: z.string().nullish(),
  utm: z.record(z.string(), z.string()).nullish(),
});

export type Click = z.output<typeof storedClick>;

/** A call that has a click, and when it began. */
export interface Claim {
  callId: CallId;
  startedAt: string;
}

/** A click and the call whose own it is, if there is one. */
export interface ClaimedClick {
  click: Click;
  claim: Claim | undefined;
}

/** The clicks nearest to a call; `unread` when its window holds still more. */
export interface ClicksAround {
  clicks: ClaimedClick[];
  unread: boolean;
}

/**
 * Where a call came from, as a call keeps it: the click that is its own, and the nearest that it may have been. Anybody may
 * tell of clicks, so little is kept of those of others.
 */
export const storedAttribution = z.object({
  clickId: keptId<ClickId>(),
  at: z.string(),
  referrer: z.string().nullish(),
  utm: z.record(z.string(), z.string()).nullish(),
  /** What all clicks of the window say, the address of the page in full. */
  agreed: z.object({ pageUrl: z.string().nullish(), eventType: z.string().nullish() }).default({}),
  candidates: z
    .array(
      storedClick
        .pick({ id: true, at: true, pageUrl: true, eventType: true })
        .extend({ confidence: z.number() }),
    )
    .min(1),
  /** How many more clicks of the window were weighed. */
  unlisted: z.int().default(0),
  /** The window held more clicks than are read: then nobody knows how sure the call's own is. */
  unread: z.boolean().default(false),
});

export type Attribution = z.output<typeof storedAttribution>;

/** The same as the API answers it. */
export const attributionReply = z.object({
  click_id: z.string(),
  confidence: z.number().meta({
    description: 'Share of 1 among all clicks that it may have been; 0 when there were too many to be read',
  }),
  referrer: z.string().nullable(),
  utm: z.record(z.string(), z.string()),
  other_clicks: z.int().meta({ description: 'Clicks that it may have been beside the candidates' }),
  more_clicks: z
    .boolean()
    .meta({ description: 'There were still more clicks than that, too many to be read' }),
  candidates: z.array(
    z.object({
      click_id: z.string(),
      clicked_at: z.string(),
      page_url: z.string().meta({ description: 'The first 512 characters' }),
      event_type: z.string().nullable(),
      confidence: z.number(),
    }),
  ),
});
