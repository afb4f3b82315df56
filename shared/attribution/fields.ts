import * as z from 'zod';

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

/** The clicks nearest to a call; `unread` when its window holds still more. */
export interface ClicksAround {
  clicks: ClaimedClick[];
  unread: boolean;
}
