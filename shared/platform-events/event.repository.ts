import type { EventEntity, EventId } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { type IndexKeys, indexKeys, type Key, keys, partitions } from '#shared/table/keys.ts';
import { type EventDraft, eventIdOf, newEvent, type StoredEvent, storedEvent } from './event.ts';

/** Days that an event is kept. */
export const eventDays = 30;
const recordTriesMax = 25;

/** Events for the platform, each in the sequence of its entity. */
export type EventRepository = ReturnType<typeof eventRepository>;

export function eventRepository(table: Table) {
  async function find(id: EventId): Promise<StoredEvent | undefined> {
    const item = await table.get(keys.event(id));
    return item && storedEvent.parse(item.record);
  }

  return {
    find,

    /**
     * Records an event under the next number of its entity, once: one that is there already is left as it is.
     * Answers the event, claimed, when it is new.
     * @throws Error when others keep recording events of the same entity: the message comes again
     */
    async record(draft: EventDraft, now: Date): Promise<StoredEvent | undefined> {
      const at = now.toISOString();
      for (let tries = 1; tries <= recordTriesMax; tries++) {
        const items = await table.getMany([keys.eventSequence(draft.id), keys.event(draft.id)]);
        if (items.some(({ entity }) => entity === 'event')) return undefined;
        const last = items[0]?.sequence as number | undefined;
        const event = newEvent(draft, (last ?? 0) + 1, now);
        try {
          await table.transact([
            {
              update: keys.eventSequence(draft.id),
              changes: {
                set: { entity: 'event-sequence', sequence: event.sequence, updatedAt: at },
                setOnce: { of: draft.entity, createdAt: at },
              },
              if: last === undefined ? absent('sequence') : equals('sequence', last),
            },
            { put: itemOf(event, at), if: absent('pk') },
          ]);
          return event;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
        }
      }
      throw new Error('others keep recording events of the same entity');
    },

    /** Writes the next state of an event; false when somebody else changed it since it was read. */
    async save(after: StoredEvent, now: Date): Promise<boolean> {
      try {
        await table.put(itemOf(after, now.toISOString()), equals('record.revision', after.revision - 1));
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    /** Events that are to be delivered by now, longest due first. */
    async due(now: Date, limit: number): Promise<StoredEvent[]> {
      const page = await table.query({
        index: 'gsi2',
        pk: `${partitions.platformEvents}pending`,
        to: `${now.toISOString()}\uffff`,
        limit,
      });
      return page.items.map((item) => storedEvent.parse(item.record));
    },

    /** The events of an entity that are kept, in their sequence. */
    async ofEntity(entity: EventEntity): Promise<StoredEvent[]> {
      const { pk } = keys.event(eventIdOf(entity, ''));
      const events: StoredEvent[] = [];
      let after: Record<string, string> | undefined;
      do {
        const page = await table.query({ pk, from: 'EVENT#', to: 'EVENT#\uffff', limit: 500, after });
        events.push(...page.items.map((item) => storedEvent.parse(item.record)));
        after = page.next;
      } while (after !== undefined);
      return events.toSorted((a, b) => a.sequence - b.sequence);
    },

    /**
     * A page of all events, newest first; of those that are pending the one with the latest next attempt, of those
     * that failed the latest failure.
     */
    async page(
      status: StoredEvent['status'] | undefined,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ events: StoredEvent[]; next: Record<string, string> | undefined }> {
      const list =
        status === undefined || status === 'delivered'
          ? ({ index: 'gsi1', pk: `${partitions.platformEvents}ALL` } as const)
          : ({ index: 'gsi2', pk: `${partitions.platformEvents}${status}` } as const);
      const page = await table.query({ ...list, limit, after, newestFirst: true });
      return { events: page.items.map((item) => storedEvent.parse(item.record)), next: page.next };
    },
  };
}

function itemOf(event: StoredEvent, updatedAt: string): Item & Key {
  return {
    ...keys.event(event.id),
    ...indexKeys.events(event.at, event.id),
    ...placeInStatus(event),
    entity: 'event',
    record: event,
    createdAt: event.at,
    updatedAt,
    expiresAt: Math.floor(new Date(event.at).getTime() / 1000) + eventDays * 86_400,
  };
}

function placeInStatus({ id, status, nextAttemptAt, attempts }: StoredEvent): IndexKeys {
  const at = status === 'failed' ? attempts.at(-1)?.at : nextAttemptAt;
  return at == null ? {} : indexKeys.eventsInStatus(status, at, id);
}
