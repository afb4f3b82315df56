import { callerRepository } from '#shared/callers/caller.repository.ts';
import { blockReplyOf, listOf } from '#shared/callers/show-block.ts';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { mustOwn } from '#shared/http/principal.ts';
import { connectTable } from '#shared/table/client.ts';
import * as callers from './routes.ts';

const repository = callerRepository(connectTable());

export const handler = httpHandler(callers.listBlocks, async ({ query, principal }) => {
  mustOwn(principal, query.dj_profile_id);
  const list = listOf(principal, query.dj_profile_id);
  const place = await readCursor(['blocks', list], query.cursor, isKeyPlace);
  const { blocks, next } = await repository.blocked(list, query.limit, place);
  return {
    blocked_callers: blocks.map(blockReplyOf),
    next_cursor: next === undefined ? null : await writeCursor(['blocks', list], next),
  };
});
