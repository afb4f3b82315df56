import type * as z from 'zod';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import type { OwnerId } from '#shared/id.ts';
import type { CallRepository } from './call.repository.ts';
import type { Call } from './call.ts';
import { callReplyOf } from './call-reply.ts';
import type { callReply } from './fields.ts';

type CallRecord = z.input<typeof callReply>;

/** Instead of an owner: the calls of all DJs together, and of numbers that nobody held. No owner's id begins with `#`. */
export const allDjs = '#DJS' as const;
export type CallsOf = OwnerId | typeof allDjs;

/** Which calls; what is undefined does not matter. */
export interface CallFilters {
  of: CallsOf;
  /** Instants, both inclusive. */
  from: string;
  to: string;
  callStatus: string | undefined;
  leadScore: string | undefined;
  isBooked: boolean | undefined;
}

/** Calls read for one page at most, however few of them the filters let through. */
const readMax = 500;
/** A part without calls costs as much as some calls. */
const emptyCosts = 10;

/** A part of a list of calls as it is read, and where each of them stands. */
export interface Part<Place> {
  calls: Call[];
  places: Place[];
  /** Where to go on; undefined at the end. */
  next: Place | undefined;
  /** Whether a call is known to stand there, rather than perhaps the end. */
  isFollowed: boolean;
}

/** A page of an owner's calls, newest first. A page may be short, even empty, while `next_cursor` leads on. */
export async function listCalls(
  { calls }: { calls: Pick<CallRepository, 'ofOwner'> },
  filters: CallFilters & { of: OwnerId },
  limit: number,
  cursor: string | undefined,
): Promise<CallPage> {
  return pageOf(
    ['calls', cursorFilters(filters)],
    filters,
    { limit, cursor, isPlace: isKeyPlace, listOf: filters.of },
    async (after: Record<string, string> | undefined, count) => {
      const part = await calls.ofOwner(filters.of, filters, count, after);
      return { ...part, isFollowed: part.next !== undefined };
    },
  );
}

/** The filters as cursors know them: those that were given out go on to serve. */
export function cursorFilters({ of, ...filters }: CallFilters): object {
  return { djProfileId: of === allDjs ? undefined : of, ...filters };
}

interface CallPage {
  calls: CallRecord[];
  next_cursor: string | null;
}

/**
 * Reads parts of a list until a page is full of what the filters let through and another call is seen to follow, or
 * enough was read.
 */
export async function pageOf<Place>(
  query: unknown,
  filters: CallFilters,
  {
    limit,
    cursor,
    isPlace,
    listOf,
  }: {
    limit: number;
    cursor: string | undefined;
    isPlace: (place: unknown) => place is Place;
    /** Whose calls the list holds, before it is filtered. */
    listOf: CallsOf;
  },
  read: (after: Place | undefined, count: number) => Promise<Part<Place>>,
): Promise<CallPage> {
  let after: Place | undefined = await readCursor(query, cursor, isPlace);
  let last: Place | undefined;
  const shown: CallRecord[] = [];
  for (let seen = 0; seen < readMax; ) {
    // Behind a full page the next call is enough, unless it may not pass.
    const part = await read(after, shown.length === limit && !isFiltered(filters, listOf) ? 1 : limit);
    for (const [index, call] of part.calls.entries()) {
      const record = callReplyOf(call);
      if (!matches(call, record, filters)) continue;
      if (shown.length === limit) return { calls: shown, next_cursor: await writeCursor(query, last) };
      shown.push(record);
      last = part.places[index];
    }
    after = part.next;
    if (shown.length === limit && part.isFollowed && !isFiltered(filters, listOf)) break;
    seen += Math.max(emptyCosts, part.calls.length);
    if (after === undefined) return { calls: shown, next_cursor: null };
  }
  return { calls: shown, next_cursor: await writeCursor(query, after) };
}

function isFiltered({ of, callStatus, leadScore, isBooked }: CallFilters, listOf: CallsOf): boolean {
  return of !== listOf || [callStatus, leadScore, isBooked].some((filter) => filter !== undefined);
}

/** True when the filters let the call through. */
export function matches(call: Call, record: CallRecord, filters: CallFilters): boolean {
  return (
    (filters.of === allDjs || call.djProfileId === filters.of) &&
    (filters.callStatus === undefined || record.call_status === filters.callStatus) &&
    (filters.leadScore === undefined || record.lead_score === filters.leadScore) &&
    (filters.isBooked === undefined || record.is_booked === filters.isBooked)
  );
}
