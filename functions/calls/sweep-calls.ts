import { callRepository } from '#shared/calls/call.repository.ts';
import { callFacts } from '#shared/calls/facts.ts';
import { routingNow } from '#shared/calls/routing.ts';
import { sweepCalls } from '#shared/calls/sweep-calls.ts';
import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { numberSource } from '#shared/numbers/number-source.ts';
import { connectQueues } from '#shared/queue/client.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';
import { twilioCalls } from '#shared/twilio/calls.ts';

const table = connectTable();
const queues = connectQueues();
const source = numberSource(table);

export const handler = scheduleHandler(async () => {
  const swept = await sweepCalls({
    calls: callRepository(table),
    facts: callFacts(table),
    atTwilio: twilioCalls(),
    routingNow: async (phoneNumber) => routingNow(source, await source.findNumber(phoneNumber)),
    queues,
    now,
  });
  log.info('sweep done', { ...swept });
  if (swept.failed > 0) throw new Error(`${swept.failed} calls could not be swept`);
  return swept;
});
