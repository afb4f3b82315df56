import { callRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { type Forgotten, forgetCallers } from '#shared/privacy/forget-callers.ts';
import { forgetCalls } from '#shared/privacy/forget-calls.ts';
import { forgetDeps } from '#shared/privacy/forget-deps.ts';
import { readRetentionPolicy } from '#shared/privacy/policy.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();
const forgetting = forgetDeps(table);
const deps = {
  calls: callRepository(table),
  data: forgetting.data,
  policy: readRetentionPolicy(),
  forgetCalls: (calls: Call[]) => forgetCalls(forgetting, calls),
  now,
};

export const handler = scheduleHandler<Forgotten>(async () => {
  const forgotten = await forgetCallers(deps);
  log.info('callers forgotten', { ...forgotten });
  if (forgotten.failed > 0)
    throw new Error(`the callers of ${forgotten.failed} calls could not be forgotten`);
  if (!forgotten.complete)
    throw new Error(`not all callers were forgotten in time: the next run goes on at ${forgotten.day}`);
  return forgotten;
});
