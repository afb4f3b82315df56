import { callRepository } from '#shared/calls/call.repository.ts';
import { callFor } from '#shared/calls/call-for.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { timelineOf } from '#shared/calls/timeline.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const deps = { calls: callRepository(connectTable()) };

export const handler = httpHandler(calls.getCall, async ({ params, principal }) => {
  const call = await callFor(deps, principal, params.id);
  return { call: { ...callReplyOf(call), timeline: timelineOf(call) } };
});
