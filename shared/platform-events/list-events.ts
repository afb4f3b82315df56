import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import type { OwnerId } from '#shared/id.ts';
import type { EventType } from '#shared/platform-event-types.ts';
import type { EventRepository } from './event.repository.ts';
import type { StoredEvent } from './event.ts';

export interface EventFilters {
  status: StoredEvent['status'] | undefined;
  type: EventType | undefined;
  djProfileId: OwnerId | undefined;
}

/** Pages that are read for one that the filters leave empty; the cursor goes on from there. */
const pagesMax = 20;

/** A page of the events that pass the filters, newest first; it may hold fewer than asked for while there is a cursor. */
export async function listEvents(
  { events }: { events: Pick<EventRepository, 'page'> },
  filters: EventFilters,
  limit: number,
  cursor: string | undefined,
): Promise<{ events: StoredEvent[]; nextCursor: string | null }> {
  const query = ['events', filters];
  const passes = (event: Omit<StoredEvent, 'data'>) =>
    (filters.status === undefined || event.status === filters.status) &&
    (filters.type === undefined || event.type === filters.type) &&
    (filters.djProfileId === undefined || event.djProfileId === filters.djProfileId);
  const found: StoredEvent[] = [];
  let place = await readCursor(query, cursor, isKeyPlace);
  for (let pages = 0; pages < pagesMax; pages++) {
    const isFull = found.length === limit;
    const page = await events.page(filters.status, passes, isFull ? limit : limit - found.length, place);
    if (isFull && page.events.length > 0) break;
    found.push(...page.events);
    place = page.next;
    if (place === undefined) break;
  }
  return { events: found, nextCursor: place === undefined ? null : await writeCursor(query, place) };
}
