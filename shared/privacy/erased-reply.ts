import type * as z from 'zod';
import type { Erased } from './erase-caller.ts';
import type { erasedReply } from './fields.ts';

/** What was erased, or would be, in the API's words. */
export function erasedReplyOf(erased: Erased, dryRun: boolean): z.input<typeof erasedReply> {
  return {
    dry_run: dryRun,
    calls: erased.calls,
    failed_calls: erased.failedCalls,
    received_texts: erased.receivedTexts,
    blocks: erased.blocks,
    open_calls: erased.openCalls,
    consent_kept: erased.consentKept,
    complete: erased.complete,
  };
}
