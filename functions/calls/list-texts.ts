import { callRepository } from '#shared/calls/call.repository.ts';
import { callFor } from '#shared/calls/call-for.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { listTexts } from '#shared/threads/list-texts.ts';
import { textThread } from '#shared/threads/thread.repository.ts';
import * as calls from './routes.ts';

const table = connectTable();
const deps = { calls: callRepository(table), thread: textThread(table) };

export const handler = httpHandler(calls.listTexts, async ({ params, query, principal }) => {
  const call = await callFor(deps, principal, params.id);
  return listTexts(deps, call, query.limit, query.cursor);
});
