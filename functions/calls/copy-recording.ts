import { callRepository } from '#shared/calls/call.repository.ts';
import { now, pause } from '#shared/clock.ts';
import { requireEnv } from '#shared/env.ts';
import { connectFiles } from '#shared/files/store.ts';
import { queueHandler } from '#shared/queue/handler.ts';
import { copyRecording } from '#shared/recordings/copy-recording.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';
import * as calls from './consumers.ts';

const table = connectTable();
const deps = {
  calls: callRepository(table),
  recordings: recordingRepository(table),
  atTwilio: twilioRecordings(),
  files: connectFiles(),
  keptDays: Number(requireEnv('RECORDING_DAYS')),
  now,
  pause: (seconds: number) => pause(seconds),
};

export const handler = queueHandler(calls.copyRecording, async (message) => copyRecording(deps, message));
