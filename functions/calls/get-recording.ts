import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { connectFiles } from '#shared/files/store.ts';
import { httpHandler, Redirect } from '#shared/http/handler.ts';
import { mayRead } from '#shared/http/principal.ts';
import { callIdOf, isCallSid } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { linkRecording } from '#shared/recordings/link-recording.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const table = connectTable();
const repository = callRepository(table);
const deps = {
  recordings: recordingRepository(table),
  files: connectFiles(),
  keptDays: Number(requireEnv('RECORDING_DAYS')),
  now,
};

export const handler = httpHandler(calls.getRecording, async ({ params, query, principal }) => {
  const call = await repository.find(isCallSid(params.id) ? callIdOf(params.id) : params.id);
  if (call === undefined || !mayRead(principal, call.djProfileId ?? null)) {
    throw new Failure('NOT_FOUND', 'No call has this id');
  }
  const address = await linkRecording(deps, call, query.kind);
  log.info('an address of a recording is given out', {
    callId: call.id,
    kind: query.kind,
    by: `${principal.role}:${principal.subject}`,
  });
  return new Redirect(address);
});
