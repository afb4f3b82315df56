import * as z from 'zod';
import { eventType } from '#shared/fields.ts';

/** The address of a web page. */
export const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).max(2048);

const campaign = z.string().trim().max(200).optional();

/** What a page tells of a click on its phone number. */
export const clickFields = {
  page_url: webUrl,
  event_type: eventType.optional(),
  /** Browsers give an empty text when there is none. */
  referrer: z.union([webUrl, z.literal('')], 'must be an http(s) URL').optional(),
  utm_source: campaign,
  utm_medium: campaign,
  utm_campaign: campaign,
  utm_term: campaign,
  utm_content: campaign,
};

/** A click as it is kept. */
export const storedClick = z.object({
  id: z.string(),
  djProfileId: z.string(),
  at: z.string(),
  pageUrl: z.string(),
  eventType: z.string().nullish(),
  referrer: z.string().nullish(),
  utm: z.record(z.string(), z.string()).nullish(),
});

export type Click = z.output<typeof storedClick>;

/** A call that has a click, and when it began. */
export interface Claim {
  callId: string;
  startedAt: string;
}

/** A click and the call whose own it is, if there is one. */
export interface ClaimedClick {
  click: Click;
  claim: Claim | undefined;
}

/** Where a call came from, as a call keeps it: the click that is its own, and all that it may have been. */
export const storedAttribution = z.object({
  clickId: z.string(),
  at: z.string(),
  candidates: z.array(storedClick.extend({ confidence: z.number() })).min(1),
});

export type Attribution = z.output<typeof storedAttribution>;

/** The same as the API answers it. */
export const attributionReply = z.object({
  click_id: z.string(),
  confidence: z.number().meta({ description: 'Share of 1 among all clicks that it may have been' }),
  referrer: z.string().nullable(),
  utm: z.record(z.string(), z.string()),
  candidates: z.array(
    z.object({
      click_id: z.string(),
      clicked_at: z.string(),
      page_url: z.string(),
      event_type: z.string().nullable(),
      confidence: z.number(),
    }),
  ),
});
