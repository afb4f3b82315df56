import type * as z from 'zod';
import { isKeyPlace, readCursor, writeCursor } from '#shared/http/cursor.ts';
import type { CallRepository } from './call.repository.ts';
import { callRecordOf } from './call-record.ts';
import type { callReply } from './fields.ts';

type CallRecord = z.input<typeof callReply>;

export interface CallFilters {
  djProfileId: string;
  /** Instants, both inclusive. */
  from: string;
  to: string;
  callStatus: string | undefined;
  leadScore: string | undefined;
  isBooked: boolean | undefined;
}

/** Calls read for one page at most, however few of them the filters let through. */
const readMax = 500;

/** A page of a DJ's calls, newest first. A page may be short, even empty, while `next_cursor` leads on. */
export async function listCalls(
  deps: { calls: Pick<CallRepository, 'ofDj'> },
  filters: CallFilters,
  limit: number,
  cursor: string | undefined,
): Promise<{ calls: CallRecord[]; next_cursor: string | null }> {
  const query = ['calls', filters];
  let after = readCursor(query, cursor, isKeyPlace);
  const shown: CallRecord[] = [];
  for (let read = 0; read < readMax; ) {
    const page = await deps.calls.ofDj(filters.djProfileId, filters, limit, after);
    for (const [index, call] of page.calls.entries()) {
      const record = callRecordOf(call);
      if (!matches(record, filters)) continue;
      shown.push(record);
      const last = index === page.calls.length - 1;
      if (shown.length === limit && !last) {
        return { calls: shown, next_cursor: writeCursor(query, page.places[index]) };
      }
    }
    after = page.next;
    read += Math.max(1, page.calls.length);
    if (after === undefined || shown.length >= limit) break;
  }
  return { calls: shown, next_cursor: after === undefined ? null : writeCursor(query, after) };
}

function matches(record: CallRecord, filters: CallFilters): boolean {
  return (
    (filters.callStatus === undefined || record.call_status === filters.callStatus) &&
    (filters.leadScore === undefined || record.lead_score === filters.leadScore) &&
    (filters.isBooked === undefined || record.is_booked === filters.isBooked)
  );
}
