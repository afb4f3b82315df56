import type * as z from 'zod';
import { newId, type OwnerId } from '#shared/id.ts';
import type { clickFields } from './click-fields.ts';
import type { Click } from './fields.ts';

type ClickBody = z.output<z.ZodObject<typeof clickFields>>;

/** A click as a page told of it. */
export function clickOf(djProfileId: OwnerId, body: ClickBody, now: Date): Click {
  const { page_url, event_type, referrer, utm_source, utm_medium, utm_campaign, utm_term, utm_content } =
    body;
  const utm = {
    source: utm_source,
    medium: utm_medium,
    campaign: utm_campaign,
    term: utm_term,
    content: utm_content,
  };
  const given = Object.entries(utm).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return {
    id: newId('clk'),
    djProfileId,
    at: now.toISOString(),
    pageUrl: page_url,
    eventType: event_type ?? null,
    referrer: referrer === undefined || referrer === '' ? null : referrer,
    utm: given.length === 0 ? null : Object.fromEntries(given),
  };
}
