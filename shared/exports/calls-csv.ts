import { stringify } from 'csv-stringify/sync';
import type * as z from 'zod';
import type { callReply } from '#shared/calls/fields.ts';

type CallRecord = z.input<typeof callReply>;

/** The columns of the platform's own table of calls, and what a DJ looks for besides. */
const columns = [
  'id',
  'dj_profile_id',
  'virtual_number',
  'caller_number',
  'caller_name',
  'timestamp',
  'page_url',
  'event_type',
  'lead_score',
  'is_booked',
  'call_duration_seconds',
  'call_status',
  'call_sid',
  'tipjar_link_sent',
  'tipjar_link',
  'tipjar_payment_received',
  'tipjar_payment_amount',
  'product_context',
  'notes',
  'outcome',
  'talk_time_seconds',
  'tags',
] as const satisfies (keyof CallRecord)[];

/** The first line of a file of calls. */
export const csvHeader = `${columns.join(',')}\n`;

/** Calls as lines of such a file; what a spreadsheet would take for a formula is text. */
export function csvLines(calls: CallRecord[]): string {
  const rows = calls.map((call) => ({
    ...call,
    tipjar_payment_amount: call.tipjar_payment_amount.toFixed(2),
    tags: call.tags.join('; '),
  }));
  return stringify(rows, { columns: [...columns], escape_formulas: true, cast: { boolean: String } });
}
