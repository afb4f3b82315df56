import type * as z from 'zod';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import type { CallRepository } from './call.repository.ts';
import type { Call } from './call.ts';
import { callReplyOf } from './call-reply.ts';
import type { callReply } from './fields.ts';

type CallRecord = z.input<typeof callReply>;

/** Which calls; what is undefined does not matter. */
export interface CallFilters {
  djProfileId: string | undefined;
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
}

/** A page of a DJ's calls, newest first. A page may be short, even empty, while `next_cursor` leads on. */
export async function listCalls(
  { calls }: { calls: Pick<CallRepository, 'ofDj'> },
  filters: CallFilters & { djProfileId: string },
  limit: number,
  cursor: string | undefined,
): Promise<CallPage> {
  return pageOf(
    ['calls', filters],
    filters,
    { limit, cursor, isPlace: isKeyPlace },
    (after: Record<string, string> | undefined) => calls.ofDj(filters.djProfileId, filters, limit, after),
  );
}

interface CallPage {
  calls: CallRecord[];
  next_cursor: string | null;
}

/** Reads parts of a list until a page is full of what the filters let through, or enough was read. */
export async function pageOf<Place>(
  query: unknown,
  filters: CallFilters,
  {
    limit,
    cursor,
    isPlace,
  }: { limit: number; cursor: string | undefined; isPlace: (place: unknown) => place is Place },
  read: (after: Place | undefined) => Promise<Part<Place>>,
): Promise<CallPage> {
  let after: Place | undefined = await readCursor(query, cursor, isPlace);
  const shown: CallRecord[] = [];
  for (let seen = 0; seen < readMax; ) {
    const part = await read(after);
    for (const [index, call] of part.calls.entries()) {
      const record = callReplyOf(call);
      if (!matches(record, filters)) continue;
      shown.push(record);
      const last = index === part.calls.length - 1;
      if (shown.length === limit && !last) {
        return { calls: shown, next_cursor: await writeCursor(query, part.places[index]) };
      }
    }
    after = part.next;
    seen += Math.max(emptyCosts, part.calls.length);
    if (after === undefined || shown.length >= limit) break;
  }
  return { calls: shown, next_cursor: after === undefined ? null : await writeCursor(query, after) };
}

/** True when the filters let the call through. */
export function matches(record: CallRecord, filters: CallFilters): boolean {
  return (
    (filters.djProfileId === undefined || record.dj_profile_id === filters.djProfileId) &&
    (filters.callStatus === undefined || record.call_status === filters.callStatus) &&
    (filters.leadScore === undefined || record.lead_score === filters.leadScore) &&
    (filters.isBooked === undefined || record.is_booked === filters.isBooked)
  );
}
