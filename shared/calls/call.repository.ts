import { type CallId, type DjProfileId, type E164, isE164, type OwnerId } from '#shared/id.ts';
import { djOf, isDj } from '#shared/owner.ts';
import type { Item, Page, Table } from '#shared/table/client.ts';
import { ConditionFailed } from '#shared/table/client.ts';
import { absent, either, equals, every, present } from '#shared/table/conditions.ts';
import {
  type Caller,
  deferredLists,
  type IndexKeys,
  indexKeys,
  keys,
  loggedOutcome,
  openCallLists,
  partitions,
  readOpenCallKey,
} from '#shared/table/keys.ts';
import { type Call, isForgotten, readCall, startOf } from './call.ts';
import type { CallEdits } from './edits.ts';
import type { Routing } from './routing.ts';

/** What the platform's backend tells of a call; what is left out stays as it is. */
export interface ReportedCall {
  djProfileId: OwnerId;
  virtualNumber?: E164;
  callerNumber?: Caller;
  callerName?: string;
  callStatus?: string;
  durationSeconds?: number;
  timestamp?: string;
  pageUrl?: string;
  eventType?: string;
  notes?: string;
}

/** Calls of a page, where each stands in its list, and where the list goes on. */
interface CallsPage {
  calls: Call[];
  places: Record<string, string>[];
  next: Record<string, string> | undefined;
}

/** The call belongs to another owner. */
export class ForeignCall extends Error {}

/** The caller was forgotten, or is just being forgotten: nothing more that may tell of him is kept. */
export class ForgottenCaller extends Error {}

/** True of a write that failed because the caller is forgotten, or is just being forgotten. */
function failedOfForgotten({ item }: ConditionFailed): boolean {
  return item !== undefined && isForgotten(readCall(item));
}

/** A call logged by hand is never followed up: it stands with the calls of its caller from the start. */
function placeOfLogged(callId: CallId, call: ReportedCall, startedAt: string): IndexKeys {
  const { callerNumber, virtualNumber = '', durationSeconds: talkSeconds = 0 } = call;
  if (callerNumber === undefined || !isE164(callerNumber)) return {};
  return indexKeys.callsOfCaller(callerNumber, {
    startedAt,
    callId,
    virtualNumber,
    talkSeconds,
    outcome: loggedOutcome,
    djProfileId: call.djProfileId,
  });
}

/** Calls, by id and by owner. */
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

    /**
     * Writes what the platform reports: a new call, or more of one that Twilio knows, whose own facts stay. Of a caller who
     * is forgotten nothing comes back: his number, his name and notes are left out.
     * @throws ForeignCall when the call is another DJ's
     */
    async report(id: CallId, callSid: string | undefined, call: ReportedCall, now: Date): Promise<Call> {
      const at = now.toISOString();
      const startedAt = call.timestamp ?? at;
      const place = placeOfLogged(id, call, startedAt);
      const { callerNumber, callerName, notes, ...rest } = call;
      const ofItsDj = either(absent('djProfileId'), equals('djProfileId', call.djProfileId));
      const tellsOfCaller = [callerNumber, callerName, notes].some((told) => told !== undefined);
      try {
        const item = await table.update(
          keys.call(id),
          {
            set: {
              entity: 'call',
              id,
              updatedAt: at,
              reported_callStatus: call.callStatus,
              reported_durationSeconds: call.durationSeconds,
              reported_timestamp: call.timestamp,
              reported_pageUrl: call.pageUrl,
              reported_eventType: call.eventType,
              reported_notes: notes,
            },
            setOnce: {
              callSid,
              source: 'api',
              djProfileId: call.djProfileId,
              virtualNumber: call.virtualNumber,
              callerNumber,
              callerName,
              seenAt: at,
              createdAt: at,
              ...indexKeys.callsOfOwner(call.djProfileId, startedAt, id),
              ...(callSid === undefined && place),
            },
          },
          tellsOfCaller ? every(ofItsDj, absent('forgettingAt'), absent('forgottenAt')) : ofItsDj,
        );
        const written = readCall(item);
        // Of a CallSid it shows only now whether Twilio, or an earlier report, told whose call it is.
        const joinsCaller =
          item.source === 'api' &&
          item.gsi2pk === undefined &&
          place.gsi2pk !== undefined &&
          item.callerNumber === callerNumber;
        // A later report may tell another time: the call's place in the DJ's list follows.
        const listed = indexKeys.callsOfOwner(call.djProfileId, startOf(written), id);
        const moves = item.gsi1sk !== listed.gsi1sk;
        if (!joinsCaller && !moves) return written;
        const changes = {
          ...(moves && { set: { ...listed } }),
          ...(joinsCaller && { setOnce: { ...place } }),
        };
        const stillHis = joinsCaller ? equals('callerNumber', callerNumber) : present('pk');
        return readCall(await table.update(keys.call(id), changes, stillHis));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (tellsOfCaller && failedOfForgotten(error)) return this.report(id, callSid, rest, now);
        throw new ForeignCall('the call is of another DJ', { cause: error });
      }
    },

    /**
     * Writes what a person sets; fields that are left out stay. The call must exist.
     * @throws ForgottenCaller when there are notes and the caller is forgotten
     */
    async edit(id: CallId, edits: Partial<CallEdits>, actor: string, now: Date): Promise<Call> {
      const at = now.toISOString();
      const given = Object.entries(edits).filter(([, value]) => value !== undefined);
      const set = Object.fromEntries(
        given.map(([name, value]) => [`edit_${name}`, { value, by: actor, at }]),
      );
      const writable =
        edits.notes == null
          ? present('pk')
          : every(present('pk'), absent('forgettingAt'), absent('forgottenAt'));
      try {
        return readCall(await table.update(keys.call(id), { set: { ...set, updatedAt: at } }, writable));
      } catch (error) {
        if (error instanceof ConditionFailed && failedOfForgotten(error))
          throw new ForgottenCaller('the caller was forgotten', { cause: error });
        throw error;
      }
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
          routing,
          ...(djProfileId !== null && {
            djProfileId,
            ...indexKeys.callsOfOwner(djProfileId, startOf(call), call.id),
          }),
        },
      });
    },

    /** Notes that no more webhooks are awaited. */
    async close(callId: CallId, now: Date): Promise<Item> {
      return table.update(keys.call(callId), { setOnce: { sweptAt: now.toISOString() } });
    },
  };
}
