import { callerRepository } from '#shared/callers/caller.repository.ts';
import { listAsked } from '#shared/callers/show-block.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { writtenCaller } from '#shared/written-phone.ts';
import * as callers from './routes.ts';

const repository = callerRepository(connectTable());

export const handler = httpHandler(callers.unblockCaller, async ({ body, principal }) => {
  const list = listAsked(principal, body.dj_profile_id);
  const caller = writtenCaller(body.caller_number, 'body.caller_number');
  if (await repository.unblock(list, caller)) return { caller_number: caller };
  throw new Failure('NOT_FOUND', 'The caller is not on this list');
});
