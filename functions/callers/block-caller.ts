import { callerRepository } from '#shared/callers/caller.repository.ts';
import { blockReplyOf, listAsked } from '#shared/callers/show-block.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { connectTable } from '#shared/table/client.ts';
import { writtenCaller } from '#shared/written-phone.ts';
import * as callers from './routes.ts';

const table = connectTable();
const repository = callerRepository(table);

export const handler = httpHandler(
  callers.blockCaller,
  once(table, async ({ body, principal }) => {
    const by = `${principal.role}:${principal.subject}`;
    const list = listAsked(principal, body.dj_profile_id);
    const block = await repository.block(
      list,
      writtenCaller(body.caller_number, 'body.caller_number'),
      { by, reason: body.reason ?? null },
      now(),
    );
    return { blocked_caller: blockReplyOf(block) };
  }),
);
