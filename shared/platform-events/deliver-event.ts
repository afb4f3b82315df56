import { log } from '#shared/log.ts';
import { count } from '#shared/metric.ts';
import type { EventRepository } from './event.repository.ts';
import { afterAttempt, type StoredEvent } from './event.ts';
import type { Webhook } from './webhook.ts';

export interface DeliverDeps {
  events: Pick<EventRepository, 'save'>;
  webhook: Webhook;
  now(): Date;
}

/** Failed attempts from which on people should know: the receiver is down for over half an hour. */
const lateFromTries = 4;

/**
 * Sends an event that the caller has claimed, and writes down what came of it: delivered, due again later, or given up.
 * A worker that dies between the two makes it come twice; the receiver tells by the id.
 */
export async function deliverEvent(deps: DeliverDeps, event: StoredEvent): Promise<void> {
  const attempt = await deps.webhook.send(event, deps.now());
  const after = afterAttempt(event, attempt, deps.now());
  const { status, tries } = after;
  if (!(await deps.events.save(after, deps.now()))) {
    log.warn('an event was changed while it was delivered; what came of it is not noted', { id: event.id });
    return;
  }
  if (status === 'delivered') return count('EventsDelivered');
  log.warn('an event was not delivered', { id: event.id, type: event.type, status, tries, attempt });
  if (status === 'failed') count('EventsFailed');
  else if (tries >= lateFromTries) count('EventsLate');
}
