import { callRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { now } from '#shared/clock.ts';
import { eventRepository } from '#shared/events/event.repository.ts';
import { connectFiles } from '#shared/files/store.ts';
import { log } from '#shared/log.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { type Forgotten, forgetCallers } from '#shared/privacy/forget-callers.ts';
import { forgetCalls } from '#shared/privacy/forget-calls.ts';
import { readRetentionPolicy } from '#shared/privacy/policy.ts';
import { recordingRepository } from '#shared/recordings/recording.repository.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioRecordings } from '#shared/twilio/recordings.ts';

const table = connectTable();
const forgetDeps = {
  data: callerData(table),
  recordings: recordingRepository(table),
  atTwilio: twilioRecordings(),
  files: connectFiles(),
  events: eventRepository(table),
  now,
};
const deps = {
  calls: callRepository(table),
  data: forgetDeps.data,
  policy: readRetentionPolicy(),
  forgetCalls: (calls: Call[]) => forgetCalls(forgetDeps, calls),
  now,
};

export async function handler(): Promise<Forgotten> {
  const forgotten = await forgetCallers(deps);
  log.info('callers forgotten', { ...forgotten });
  if (forgotten.failed > 0)
    throw new Error(`the callers of ${forgotten.failed} calls could not be forgotten`);
  if (!forgotten.complete)
    throw new Error(`not all callers were forgotten in time: the next run goes on at ${forgotten.day}`);
  return forgotten;
}
