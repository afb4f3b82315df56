import * as z from 'zod';
import type { CallId, ClickId, OwnerId } from '#shared/id.ts';
import { keptId } from '#shared/kept-id.ts';

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
