import { callerRepository } from '#shared/callers/caller.repository.ts';
import { listOf } from '#shared/callers/show-block.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { mustOwn } from '#shared/http/principal.ts';
import { connectTable } from '#shared/table/client.ts';
import * as callers from './routes.ts';

const repository = callerRepository(connectTable());

export const handler = httpHandler(callers.unblockCaller, async ({ body, principal }) => {
  mustOwn(principal, body.dj_profile_id);
  const list = listOf(principal, body.dj_profile_id);
  if (await repository.unblock(list, body.caller_number)) return { caller_number: body.caller_number };
  throw new Failure('NOT_FOUND', 'The caller is not on this list');
});
