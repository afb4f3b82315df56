import { callRepository } from '#shared/calls/call.repository.ts';
import { callRecordOf } from '#shared/calls/call-record.ts';
import { timelineOf } from '#shared/calls/timeline.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { mayRead } from '#shared/http/principal.ts';
import { callIdOf, isCallSid } from '#shared/id.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const repository = callRepository(connectTable());

export const handler = httpHandler(calls.getCall, async ({ params, principal }) => {
  const call = await repository.find(isCallSid(params.id) ? callIdOf(params.id) : params.id);
  if (call === undefined || !mayRead(principal, call.djProfileId ?? null)) {
    throw new Failure('NOT_FOUND', 'No call has this id');
  }
  return { call: { ...callRecordOf(call), timeline: timelineOf(call) } };
});
