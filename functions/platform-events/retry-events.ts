import { now } from '#shared/clock.ts';
import { log } from '#shared/log.ts';
import { eventRepository } from '#shared/platform-events/event.repository.ts';
import { retryEvents } from '#shared/platform-events/retry-events.ts';
import { platformWebhook } from '#shared/platform-events/webhook.ts';
import { scheduleHandler } from '#shared/schedule-handler.ts';
import { connectTable } from '#shared/table/client.ts';

const deps = { events: eventRepository(connectTable()), webhook: platformWebhook(), now };

export const handler = scheduleHandler<{ tried: number }>(async () => {
  const tried = await retryEvents(deps);
  if (tried > 0) log.info('events were due and tried', { tried });
  return { tried };
});
