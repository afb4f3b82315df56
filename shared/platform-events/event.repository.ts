import { addSeconds } from '#shared/clock.ts';
import type { EventEntity, EventId } from '#shared/id.ts';
import { ConditionFailed, type Item, type Table } from '#shared/table/client.ts';
import { absent, equals } from '#shared/table/conditions.ts';
import { type IndexKeys, indexKeys, type Key, keys, partitions } from '#shared/table/keys.ts';
import { type EventDraft, eventIdOf, type StoredEvent, storedEvent } from './event.ts';

/** Days that an event is kept. */
export const eventDays = 30;
const numberTriesMax = 25;
/** Longer than any queue keeps a message: after that nobody will write the event of a number that was given out. */
const underWayDays = 15;
/** So many numbers that were given out stand with the sequence before it is looked which of them were used. */
const underWayMax = 10;

/** Numbers that were given out, by the part of an event's key that tells its fact. */
type UnderWay = Readonly<Record<string, { sequence: number; at: string }>>;

/** Events for the platform, each in the sequence of its entity. */
export type EventRepository = ReturnType<typeof eventRepository>;

export function eventRepository(table: Table) {
  async function find(id: EventId): Promise<StoredEvent | undefined> {
    const item = await table.get(keys.event(id));
    return item && readEvent(item);
  }

  /** The numbers but for those whose events are there. */
  async function unused(id: EventId, underWay: UnderWay): Promise<UnderWay> {
    const written = await table.getMany(
      Object.keys(underWay).map((fact) => keys.event(`${id.slice(0, 28)}${fact}` as EventId)),
    );
    const facts = new Set(written.map(({ sk }) => String(sk).slice('EVENT#'.length)));
    return Object.fromEntries(Object.entries(underWay).filter(([fact]) => !facts.has(fact)));
  }

  /** The events of an entity that are kept, in their sequence, and the numbers that were given out. */
  async function everythingOf(entity: EventEntity): Promise<{ events: StoredEvent[]; underWay: UnderWay }> {
    const { pk } = keys.event(eventIdOf(entity, ''));
    const items: Item[] = [];
    let after: Record<string, string> | undefined;
    do {
      const page = await table.query({ pk, from: 'EVENT#', to: 'SEQUENCE', limit: 500, after });
      items.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    const events = items.filter((item) => item.entity === 'event').map(readEvent);
    return {
      events: events.toSorted((a, b) => a.sequence - b.sequence),
      underWay: underWayIn(items.find((item) => item.entity === 'event-sequence')),
    };
  }

  return {
    find,

    /**
     * Gives an event the next number of its entity, and the same one whenever it is asked for again before the event is
     * recorded: who dies in between leaves no gap. Answers undefined of an event that is recorded.
     * @throws Error when others keep taking numbers of the same entity: the message comes again
     */
    async number({ id, entity }: Pick<EventDraft, 'id' | 'entity'>, now: Date): Promise<number | undefined> {
      const at = now.toISOString();
      const fact = id.slice(28);
      for (let tries = 1; tries <= numberTriesMax; tries++) {
        const items = await table.getMany([keys.eventSequence(id), keys.event(id)]);
        if (items.some((item) => item.entity === 'event')) return undefined;
        const last = items[0]?.sequence as number | undefined;
        const underWay = underWayIn(items[0]);
        const known = underWay[fact];
        if (known !== undefined) return known.sequence;
        const sequence = (last ?? 0) + 1;
        const others = Object.keys(underWay).length < underWayMax ? underWay : await unused(id, underWay);
        try {
          await table.update(
            keys.eventSequence(id),
            {
              set: {
                entity: 'event-sequence',
                sequence,
                underWay: { ...others, [fact]: { sequence, at } },
                updatedAt: at,
              },
              setOnce: { of: entity, createdAt: at },
            },
            last === undefined ? absent('sequence') : equals('sequence', last),
          );
          return sequence;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
        }
      }
      throw new Error('others keep taking numbers of the same entity');
    },

    /** Records an event that has its number, once; false when it is there already, and is left as it is. */
    async record(event: StoredEvent, now: Date): Promise<boolean> {
      try {
        await table.put(itemOf(event, now.toISOString()), absent('pk'));
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
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

    /** Events that are to be delivered by now (at most 100), longest due first. Two round trips. */
    async due(now: Date, limit: number): Promise<StoredEvent[]> {
      const page = await table.query({
        index: 'gsi2',
        pk: `${partitions.platformEvents}pending`,
        to: `${now.toISOString()}\uffff`,
        limit,
      });
      return eventsIn(page.items);
    },

    /** The events of an entity that are kept, in their sequence. */
    async ofEntity(entity: EventEntity): Promise<StoredEvent[]> {
      return (await everythingOf(entity)).events;
    },

    /**
     * The same up to the first number that was given out to an event that is not recorded yet: who reads on after the last
     * one misses none.
     */
    async inSequence(entity: EventEntity, now: Date): Promise<StoredEvent[]> {
      const { events, underWay } = await everythingOf(entity);
      const since = addSeconds(now, -underWayDays * 86_400).toISOString();
      const recorded = new Set(events.map(({ sequence }) => sequence));
      const awaited = Object.values(underWay)
        .filter(({ sequence, at }) => at > since && !recorded.has(sequence))
        .map(({ sequence }) => sequence);
      return events.filter(({ sequence }) => awaited.every((one) => sequence < one));
    },

    /**
     * A page (at most 100) of all events that pass, newest first; of those that are pending the one with the latest next
     * attempt, of those that failed the latest failure. Two round trips.
     */
    async page(
      status: StoredEvent['status'] | undefined,
      passes: (event: Omit<StoredEvent, 'data'>) => boolean,
      limit: number,
      after?: Record<string, string>,
    ): Promise<{ events: StoredEvent[]; next: Record<string, string> | undefined }> {
      const list =
        status === undefined || status === 'delivered'
          ? ({ index: 'gsi1', pk: `${partitions.platformEvents}ALL` } as const)
          : ({ index: 'gsi2', pk: `${partitions.platformEvents}${status}` } as const);
      const page = await table.query({ ...list, limit, after, newestFirst: true });
      const passing = page.items.filter((item) => passes(listedEvent.parse(item.record)));
      const events = await eventsIn(passing);
      return { events: events.filter(passes), next: page.next };
    },
  };

  /** The events that the entries of an index name: what they tell stands in no index. */
  async function eventsIn(entries: Item[]): Promise<StoredEvent[]> {
    if (entries.length === 0) return [];
    const items = await table.getMany(entries.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })));
    return items.map(readEvent);
  }
}

const listedEvent = storedEvent.omit({ data: true });

/** Reads an event; those of before have all that they tell in the record. */
function readEvent({ record, data }: Item): StoredEvent {
  return storedEvent.parse(data === undefined ? record : { ...(record as object), data });
}

function underWayIn(item: Item | undefined): UnderWay {
  return (item?.underWay ?? {}) as UnderWay;
}

/** What it tells is not part of the record: each index would hold it, and cost its size again. */
function itemOf({ data, ...event }: StoredEvent, updatedAt: string): Item & Key {
  return {
    ...keys.event(event.id),
    ...indexKeys.events(event.at, event.id),
    ...placeInStatus(event),
    entity: 'event',
    record: event,
    data,
    createdAt: event.at,
    updatedAt,
    expiresAt: Math.floor(new Date(event.at).getTime() / 1000) + eventDays * 86_400,
  };
}

function placeInStatus({
  id,
  status,
  nextAttemptAt,
  attempts,
}: Pick<StoredEvent, 'id' | 'status' | 'nextAttemptAt' | 'attempts'>): IndexKeys {
  const at = status === 'failed' ? attempts.at(-1)?.at : nextAttemptAt;
  return at == null ? {} : indexKeys.eventsInStatus(status, at, id);
}
