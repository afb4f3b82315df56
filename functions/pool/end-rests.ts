import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { numberRepository } from '#shared/numbers/number.repository.ts';
import { usage } from '#shared/numbers/usage.ts';
import { endRests } from '#shared/pool/end-rests.ts';
import { readPoolPolicy } from '#shared/pool/policy.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';

const table = connectTable();
const deps = { numbers: numberRepository(table), usage: usage(table), policy: readPoolPolicy(), now };

export const handler = scheduleHandler<{ numbers: number }>(async () => {
  const numbers = await endRests(deps);
  if (numbers > 0) log.info('rests looked at', { numbers });
  return { numbers };
});
