import type * as z from 'zod';
import { type Call, namedNumber } from '#shared/calls/call.ts';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import type { textReply } from './fields.ts';
import { textReplyOf } from './text-reply.ts';
import type { TextThread } from './thread.repository.ts';

/**
 * A page of what the caller of a call and its DJ texted each other, oldest first: the same for every call between them.
 * Callers who hide their number, or were forgotten, have no texts. @throws Failure INVALID_CURSOR
 */
export async function listTexts(
  { thread }: { thread: TextThread },
  { djProfileId: owner, callerNumber }: Call,
  limit: number,
  cursor: string | undefined,
): Promise<{ texts: z.input<typeof textReply>[]; next_cursor: string | null }> {
  const phoneNumber = namedNumber(callerNumber);
  const query = ['texts', owner, phoneNumber];
  const after = await readCursor(query, cursor, isKeyPlace);
  if (owner == null || phoneNumber === undefined) return { texts: [], next_cursor: null };
  const { texts, next } = await thread.page(owner, phoneNumber, limit, after);
  return {
    texts: texts.map(textReplyOf),
    next_cursor: next === undefined ? null : await writeCursor(query, next),
  };
}
