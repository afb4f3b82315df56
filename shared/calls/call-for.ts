import { Failure } from '#shared/failure.ts';
import { belongingTo, mayAccess, type Scoped } from '#shared/http/scope.ts';
import { type CallId, callIdOf, isCallSid } from '#shared/id.ts';
import type { CallRepository } from './call.repository.ts';
import type { Call } from './call.ts';

/**
 * The call that somebody asks for, by its id or its CallSid; another owner's is as missing.
 * @throws Failure NOT_FOUND
 */
export async function callFor(
  { calls }: { calls: Pick<CallRepository, 'find'> },
  principal: Scoped,
  idOrSid: string,
): Promise<Call> {
  const call = await calls.find(isCallSid(idOrSid) ? callIdOf(idOrSid) : (idOrSid as CallId));
  if (call === undefined || !mayAccess(principal, belongingTo(call.djProfileId)))
    throw new Failure('NOT_FOUND', 'No call has this id');
  return call;
}
