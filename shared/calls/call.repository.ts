import type { CallId, DjProfileId, MessageSid, OwnerId } from '#shared/id.ts';
import { djOf, isDj } from '#shared/owner.ts';
import type { Item, Page, Table } from '#shared/table/client.ts';
import { deferredLists, keys, openCallLists, partitions, readOpenCallKey } from '#shared/table/keys.ts';
import { type Call, readCall } from './call.ts';
import { placesOf } from './places.ts';
import { keptRouting, type Routing } from './routing.ts';

/** Calls of a page, where each stands in its list, and where the list goes on. */
interface CallsPage {
  calls: Call[];
  places: Record<string, string>[];
  next: Record<string, string> | undefined;
}

/** A text of a caller, as their call lists it. */
type NotedText = Call['texts'][string] & { messageSid: MessageSid };

/** Somebody who texts on and on must not let a call grow; all their texts stand in the thread. */
const textsMax = 20;

/** Calls, by id and by DJ. */
export type CallRepository = ReturnType<typeof callRepository>;

export function callRepository(table: Table) {
  const pageOf = (pk: string, { from, to }: { from: string; to: string }) =>
    ({ index: 'gsi1', pk, from, to: `${to}\uffff`, newestFirst: true }) as const;

  async function idsBefore(lists: readonly string[], before: Date, limit: number): Promise<CallId[]> {
    const pages = await Promise.all(
      lists.map((pk) => table.query({ index: 'gsi2', pk, to: before.toISOString(), limit })),
    );
    return pages.flatMap((page) => page.items.map(({ gsi2sk }) => readOpenCallKey(String(gsi2sk)).callId));
  }

  /** The calls that the entries of an index name, and the places of those entries. */
  async function callsIn({ items, next }: Page) {
    const places = items.map(
      ({ pk, sk, gsi1pk, gsi1sk }) => ({ pk, sk, gsi1pk, gsi1sk }) as Record<string, string>,
    );
    const found = await table.getMany(items.map(({ pk }) => ({ pk: String(pk), sk: 'CALL' })));
    return { calls: found.map(readCall), places, next };
  }

  return {
    async find(callId: CallId): Promise<Call | undefined> {
      const item = await table.get(keys.call(callId));
      return item && readCall(item);
    },

    /** A page of an owner's calls between two instants, newest first; two round trips. */
    async ofOwner(
      owner: OwnerId,
      range: { from: string; to: string },
      limit: number,
      after?: Record<string, string>,
    ): Promise<CallsPage> {
      const pk = `${partitions.djCalls}${owner}`;
      const page = await table.query({ ...pageOf(pk, range), limit, after });
      return callsIn(page);
    },

    /** The calls of an owner nearest to an instant, at most `perSide` that began by then and as many later. */
    async around(
      owner: OwnerId,
      instant: string,
      { from, to }: { from: string; to: string },
      perSide: number,
    ): Promise<Call[]> {
      const pk = `${partitions.djCalls}${owner}`;
      const pages = await Promise.all([
        table.query({ ...pageOf(pk, { from, to: instant }), limit: perSide }),
        table.query({
          ...pageOf(pk, { from: `${instant}\uffff`, to }),
          newestFirst: false,
          limit: perSide,
        }),
      ]);
      return (await callsIn({ items: pages.flatMap(({ items }) => items), next: undefined })).calls;
    },

    /** A page of all calls that began on a UTC day and are over, newest first; two round trips. */
    async ofDay(
      day: string,
      range: { from: string; to: string },
      limit: number,
      after?: Record<string, string>,
    ): Promise<CallsPage> {
      const pk = `${partitions.callDays}${day}`;
      const page = await table.query({ ...pageOf(pk, range), limit, after });
      return callsIn(page);
    },

    /** The same page without the calls of tenants, which are in no list of the platform's. */
    async ofDjsOnDay(
      day: string,
      range: { from: string; to: string },
      limit: number,
      after?: Record<string, string>,
    ): Promise<CallsPage> {
      const { calls, places, next } = await this.ofDay(day, range, limit, after);
      const isOfTenant = ({ djProfileId }: Call) => djProfileId != null && !isDj(djProfileId);
      return {
        calls: calls.filter((call) => !isOfTenant(call)),
        places: places.filter((_place, index) => !isOfTenant(calls[index] as Call)),
        next,
      };
    },

    /** The DJs who had calls on a UTC day. */
    async djsOfDay(day: string): Promise<DjProfileId[]> {
      const djs = new Set<DjProfileId>();
      let after: Record<string, string> | undefined;
      do {
        const page = await table.query({
          index: 'gsi1',
          pk: `${partitions.callDays}${day}`,
          limit: 1000,
          after,
        });
        for (let first = 0; first < page.items.length; first += 100) {
          const part = page.items.slice(first, first + 100);
          const items = await table.getMany(part.map(({ pk }) => ({ pk: String(pk), sk: 'CALL' })));
          for (const { djProfileId } of items) {
            const dj = djOf(djProfileId as OwnerId | undefined);
            if (dj !== null) djs.add(dj);
          }
        }
        after = page.next;
      } while (after !== undefined);
      return [...djs];
    },

    /** Ids of calls that began before and whose follow-up is neither decided nor deferred, oldest first; at most `limit` of each list. */
    openBefore: (before: Date, limit: number) => idsBefore(openCallLists, before, limit),

    /** The same of calls whose text waits for the morning. */
    deferredBefore: (before: Date, limit: number) => idsBefore(deferredLists, before, limit),

    /** Gives a call whose routing was not written, the table being down, the routing its number has now. */
    async adopt(call: Call, routing: Routing): Promise<void> {
      const { djProfileId } = routing;
      await table.update(keys.call(call.id), {
        setOnce: {
          routing: keptRouting(routing),
          ...(djProfileId !== null && { djProfileId, ...placesOf({ ...call, djProfileId }).ofDj }),
        },
      });
    },

    /** Notes a text of the caller, once; a call that has many of them already lists no more. */
    async noteText(callId: CallId, { messageSid, at, mediaCount }: NotedText): Promise<void> {
      const call = await this.find(callId);
      if (call === undefined || Object.keys(call.texts).length >= textsMax) return;
      await table.update(keys.call(callId), { setOnce: { [`text_${messageSid}`]: { at, mediaCount } } });
    },

    /** Notes that no more webhooks are awaited. */
    async close(callId: CallId, now: Date): Promise<Item> {
      return table.update(keys.call(callId), { setOnce: { sweptAt: now.toISOString() } });
    },
  };
}
