import { callRepository } from '#shared/calls/call.repository.ts';
import { callFor } from '#shared/calls/call-for.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { callReports, ForgottenCaller } from '#shared/calls/report.repository.ts';
import { now } from '#shared/clock.ts';
import { Failure } from '#shared/failure.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const table = connectTable();
const deps = { calls: callRepository(table) };
const reports = callReports(table);

export const handler = httpHandler(calls.updateCall, async ({ params, body, principal }) => {
  const { id } = await callFor(deps, principal, params.id);
  const actor = `${principal.role}:${principal.subject}`;
  try {
    return { call: callReplyOf(await reports.edit(id, body, actor, now())) };
  } catch (error) {
    if (error instanceof ForgottenCaller)
      throw new Failure('ILLEGAL_STATE', 'The caller was forgotten', { cause: error });
    throw error;
  }
});
