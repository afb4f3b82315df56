// This folder writes the CSV files of calls that people ask for.

import * as z from 'zod';
import type { CallFilters } from '#shared/calls/list-calls.ts';
import type { ExportId } from '#shared/id.ts';
import { exportStatuses } from './fields.ts';

/** A file of calls that somebody asked for, as the table keeps it. */
export const storedExport = z.object({
  id: z.string().transform((id) => id as ExportId),
  /** Whose calls; null: those of all DJs. */
  djProfileId: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  callStatus: z.string().nullable(),
  leadScore: z.string().nullable(),
  isBooked: z.boolean().nullable(),
  /** Who asked for it. */
  actor: z.string(),
  status: z.enum(exportStatuses),
  /** Workers that took it up. */
  attempts: z.int(),
  /** Until then the worker that runs is not disturbed. */
  leaseUntil: z.string().nullable(),
  rows: z.int().nullable(),
  reason: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export type Export = z.output<typeof storedExport>;

/** Which calls belong into it. */
export function filtersOf(wanted: Export): CallFilters {
  return {
    djProfileId: wanted.djProfileId ?? undefined,
    from: wanted.from,
    to: wanted.to,
    callStatus: wanted.callStatus ?? undefined,
    leadScore: wanted.leadScore ?? undefined,
    isBooked: wanted.isBooked ?? undefined,
  };
}

/** Where its file lies in the bucket. */
export function exportKey(exportId: string): string {
  return `exports/${exportId}.csv`;
}
