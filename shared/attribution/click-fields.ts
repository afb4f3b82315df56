import * as z from 'zod';
import { isClean } from '#shared/clean-text.ts';
import { eventType } from '#shared/event-type.ts';
import { freeText } from '#shared/free-text.ts';
import { namesUser } from '#shared/url-user.ts';

/** The address of a web page; one with a password in it would be kept and shown by mistake. */
const webUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .max(2048)
  .refine(isClean, 'must be an http(s) URL')
  .refine((url) => !namesUser(url), 'must not carry a user name or password');

const campaign = freeText.trim().max(200).optional();

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
