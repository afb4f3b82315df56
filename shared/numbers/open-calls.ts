import type { E164 } from '#shared/id.ts';

/** Whether somebody is on a number. */
export interface OpenCalls {
  /** True when a call of this number that began after `since` is still open; one whose text waits is not. */
  hasOpenCall(phoneNumber: E164, since: Date): Promise<boolean>;
}
