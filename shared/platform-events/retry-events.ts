import { type DeliverDeps, deliverEvent } from './deliver-event.ts';
import type { EventRepository } from './event.repository.ts';
import { claimed, type StoredEvent } from './event.ts';

export interface RetryDeps extends DeliverDeps {
  events: Pick<EventRepository, 'due' | 'save'>;
}

const pageSize = 50;
const parallelMax = 5;
/** No event is taken up later in a run, so that the function ends before its timeout. */
const takeUpSeconds = 40;

/**
 * Delivers what is due, five at once, until nothing is left or the time is up. Each is claimed first, so that two runs
 * do not deliver the same. Answers how many it tried.
 */
export async function retryEvents(deps: RetryDeps): Promise<number> {
  if (!deps.webhook.isOn) return 0;
  const startedAt = deps.now().getTime();
  const hasTime = () => deps.now().getTime() - startedAt < takeUpSeconds * 1000;
  let tried = 0;
  const tryOne = async (event: StoredEvent) => {
    const mine = claimed(event, deps.now());
    if (!(await deps.events.save(mine, deps.now()))) return;
    tried++;
    await deliverEvent(deps, mine, deps.events.save);
  };
  // The index lags behind: what was tried may still seem due, and must not keep the run going.
  const seen = new Set<string>();
  while (hasTime()) {
    const page = await deps.events.due(deps.now(), pageSize);
    const due = page.filter(({ id }) => !seen.has(id));
    if (due.length === 0) break;
    for (const { id } of due) seen.add(id);
    const queue = due.values();
    const worker = async () => {
      for (const event of queue) if (hasTime()) await tryOne(event);
    };
    await Promise.all(Array.from({ length: parallelMax }, worker));
  }
  return tried;
}
