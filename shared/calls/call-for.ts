import { Failure } from '#shared/failure.ts';
import { mayRead, type Principal } from '#shared/http/principal.ts';
import { callIdOf, isCallSid } from '#shared/id.ts';
import type { CallRepository } from './call.repository.ts';
import type { Call } from './call.ts';

/**
 * The call that somebody asks for, by its id or its CallSid; another DJ's is as missing.
 * @throws Failure NOT_FOUND
 */
export async function callFor(
  { calls }: { calls: Pick<CallRepository, 'find'> },
  principal: Principal,
  idOrSid: string,
): Promise<Call> {
  const call = await calls.find(isCallSid(idOrSid) ? callIdOf(idOrSid) : idOrSid);
  if (call === undefined || !mayRead(principal, call.djProfileId ?? null))
    throw new Failure('NOT_FOUND', 'No call has this id');
  return call;
}
