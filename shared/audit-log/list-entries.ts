import type * as z from 'zod';
import { isKeyPlace, readCursor, writeCursor } from '#shared/cursor.ts';
import type { AuditLogEntry, AuditLogRepository } from './audit-log.repository.ts';
import type { auditLogEntry } from './fields.ts';

export interface AuditLogFilters {
  /** Instants, both inclusive. */
  from: string;
  to: string;
  actor: string | undefined;
}

/** A place in the lists of months: the month, and where in it. */
interface MonthPlace {
  month: string;
  key?: Record<string, string>;
}

/** Entries read for one page at most, however few of them are of the actor. */
const readMax = 1000;
/** A month without entries costs as much as some entries. */
const emptyCosts = 20;

/** A page of the audit log, newest first. A page may be short, even empty, while `next_cursor` leads on. */
export async function listEntries(
  { auditLog }: { auditLog: Pick<AuditLogRepository, 'ofMonth'> },
  filters: AuditLogFilters,
  limit: number,
  cursor: string | undefined,
): Promise<{ acts: z.input<typeof auditLogEntry>[]; next_cursor: string | null }> {
  const query = ['acts', filters];
  const firstMonth = filters.from.slice(0, 7);
  let place: MonthPlace | undefined = (await readCursor(query, cursor, isMonthPlace)) ?? {
    month: filters.to.slice(0, 7),
  };
  const shown: z.input<typeof auditLogEntry>[] = [];
  let last: MonthPlace | undefined;
  for (let seen = 0; place !== undefined && seen < readMax; ) {
    const { month, key }: MonthPlace = place;
    const page = await auditLog.ofMonth(month, filters, limit, key);
    for (const [index, entry] of page.entries.entries()) {
      if (filters.actor !== undefined && entry.actor !== filters.actor) continue;
      if (shown.length === limit) return { acts: shown, next_cursor: await writeCursor(query, last) };
      shown.push(auditLogEntryReplyOf(entry));
      last = { month, ...(page.places[index] && { key: page.places[index] }) };
    }
    seen += Math.max(emptyCosts, page.entries.length);
    place = page.next === undefined ? monthBefore(month, firstMonth) : { month, key: page.next };
  }
  return { acts: shown, next_cursor: place === undefined ? null : await writeCursor(query, place) };
}

/** An entry in the API's words. */
function auditLogEntryReplyOf({ requestId, ...entry }: AuditLogEntry): z.input<typeof auditLogEntry> {
  return { ...entry, request_id: requestId };
}

function monthBefore(month: string, first: string): MonthPlace | undefined {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const before = new Date(Date.UTC(year, number - 2)).toISOString().slice(0, 7);
  return before < first ? undefined : { month: before };
}

function isMonthPlace(place: unknown): place is MonthPlace {
  if (typeof place !== 'object' || place === null) return false;
  const { month, key } = place as { month?: unknown; key?: unknown };
  return typeof month === 'string' && /^20\d\d-\d\d$/.test(month) && (key === undefined || isKeyPlace(key));
}
