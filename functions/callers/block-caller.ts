import { callerRepository } from '#shared/callers/caller.repository.ts';
import { blockReplyOf, listOf } from '#shared/callers/show-block.ts';
import { now } from '#shared/clock.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { once } from '#shared/http/once.ts';
import { mustOwn } from '#shared/http/principal.ts';
import { connectTable } from '#shared/table/client.ts';
import * as callers from './routes.ts';

const table = connectTable();
const repository = callerRepository(table);

export const handler = httpHandler(
  callers.blockCaller,
  once(table, async ({ body, principal }) => {
    mustOwn(principal, body.dj_profile_id);
    const by = `${principal.role}:${principal.subject}`;
    const list = listOf(principal, body.dj_profile_id);
    const block = await repository.block(
      list,
      body.caller_number,
      { by, reason: body.reason ?? null },
      now(),
    );
    return { blocked_caller: blockReplyOf(block) };
  }),
);
