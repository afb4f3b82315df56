import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import type { EventRepository } from './event.repository.ts';
import { afterAttempt, type StoredEvent } from './event.ts';
import type { Webhook } from './webhook.ts';

export interface DeliverDeps {
  webhook: Webhook;
  now(): Date;
}

/** Failed attempts from which on people should know: the receiver is down for over half an hour. */
const lateFromTries = 4;

/**
 * Sends an event and writes down what came of it by `write`: delivered, due again later, or given up. A worker that dies
 * between the two makes it come twice; the receiver tells by the id.
 */
export async function deliverEvent(
  deps: DeliverDeps,
  event: StoredEvent,
  write: EventRepository['record'] | EventRepository['save'],
): Promise<void> {
  const attempt = await deps.webhook.send(event, deps.now());
  const after = afterAttempt(event, attempt, deps.now());
  const { status, tries } = after;
  if (!(await write(after, deps.now()))) {
    log.warn('somebody else had the event while it was delivered; what came of it is not noted', {
      id: event.id,
    });
    return;
  }
  if (status === 'delivered') return count('EventsDelivered');
  log.warn('an event was not delivered', { id: event.id, type: event.type, status, tries, attempt });
  if (status === 'failed') count('EventsFailed');
  else if (tries >= lateFromTries) count('EventsLate');
}
