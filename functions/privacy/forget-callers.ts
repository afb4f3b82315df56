import { callRepository } from '#shared/calls/call.repository.ts';
import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { callerData } from '#shared/privacy/caller-data.repository.ts';
import { type Forgotten, forgetCallers } from '#shared/privacy/forget-callers.ts';
import { readRetentionPolicy } from '#shared/privacy/policy.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();
const deps = {
  calls: callRepository(table),
  data: callerData(table),
  policy: readRetentionPolicy(),
  // Recordings lie with Twilio, not here.
  forgetRecordings: async () => undefined,
  now,
};

export async function handler(): Promise<Forgotten> {
  const forgotten = await forgetCallers(deps);
  log.info('callers forgotten', { ...forgotten });
  return forgotten;
}
