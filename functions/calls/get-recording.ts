import { callRepository } from '#shared/calls/call.repository.ts';
import { callFor } from '#shared/calls/call-for.ts';
import { now } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { connectFiles } from '#shared/files/store.ts';
import { httpHandler, Redirect, Reply } from '#shared/http/handler.ts';
import { log } from '#shared/log.ts';
import { linkRecording } from '#shared/recordings/link-recording.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const table = connectTable();
const deps = {
  calls: callRepository(table),
  recordings: recordingRepository(table),
  files: connectFiles(),
  keptDays: Number(requireEnv('RECORDING_DAYS')),
  now,
};

export const handler = httpHandler(calls.getRecording, async ({ params, query, principal }) => {
  const call = await callFor(deps, principal, params.id);
  const address = await linkRecording(deps, call, query.kind);
  log.info('an address of a recording is given out', {
    callId: call.id,
    kind: query.kind,
    by: `${principal.role}:${principal.subject}`,
  });
  return query.as === 'json' ? new Reply(200, { recording: { url: address } }) : new Redirect(address);
});
