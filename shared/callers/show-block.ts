import type * as z from 'zod';
import { djAskedIfAny, type Scoped } from '#shared/http/scope.ts';
import type { DjProfileId } from '#shared/id.ts';
import { type BlockList, platformList } from '#shared/table/keys.ts';
import type { Block } from './caller.repository.ts';
import type { blockReply } from './fields.ts';

/** An entry of a block list in the API's words. */
export function blockReplyOf({ callerNumber, reason, by, at }: Block): z.input<typeof blockReply> {
  return { caller_number: callerNumber, reason, blocked_by: by, blocked_at: at };
}

/**
 * Whose list a request is about: a DJ's own, or that of the DJ whom others name; without one the platform's.
 * @throws Failure NOT_FOUND when it is the list of somebody whom the principal may not see
 */
export function listAsked(principal: Scoped, asked: DjProfileId | undefined): BlockList {
  return djAskedIfAny(principal, asked) ?? platformList;
}
