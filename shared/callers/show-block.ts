import type * as z from 'zod';
import type { Principal } from '#shared/http/principal.ts';
import { type Block, platformList } from './caller.repository.ts';
import type { blockReply } from './fields.ts';

/** An entry of a block list in the API's words. */
export function blockReplyOf({ callerNumber, reason, by, at }: Block): z.input<typeof blockReply> {
  return { caller_number: callerNumber, reason, blocked_by: by, blocked_at: at };
}

/**
 * Whose list a request is about: a DJ's own, whatever he asks for; that of the DJ whom others name; without one the
 * platform's.
 */
export function listOf(principal: Principal, asked: string | undefined): string {
  return principal.djProfileId ?? asked ?? platformList;
}
