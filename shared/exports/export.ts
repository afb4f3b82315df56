// This folder writes the CSV files of calls that people ask for.

import * as z from 'zod';
import { allDjs, type CallFilters, type CallsOf } from '#shared/calls/list-calls.ts';
import type { Belonging } from '#shared/http/scope.ts';
import type { ExportId } from '#shared/id.ts';
import { isOwnerId } from '#shared/owner.ts';
import { exportStatuses } from './fields.ts';

/** A file of calls that somebody asked for, as the table keeps it. */
const storedExport = z.object({
  id: z.string().transform((id) => id as ExportId),
  /** Whose calls. */
  of: z.custom<CallsOf>((of) => typeof of === 'string' && (of === allDjs || isOwnerId(of))),
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

/** As the table has it: `djProfileId` is the owner, null stands for all DJs. */
export function recordOf({ of, ...rest }: Export): Record<string, unknown> {
  return { ...rest, djProfileId: of === allDjs ? null : of };
}

export function readExport(record: unknown): Export {
  const { djProfileId, ...rest } = record as { djProfileId: unknown };
  return storedExport.parse({ ...rest, of: djProfileId === null ? allDjs : djProfileId });
}

/** Which calls belong into it. */
export function filtersOf(wanted: Export): CallFilters {
  return {
    of: wanted.of,
    from: wanted.from,
    to: wanted.to,
    callStatus: wanted.callStatus ?? undefined,
    leadScore: wanted.leadScore ?? undefined,
    isBooked: wanted.isBooked ?? undefined,
  };
}

/** Whose the file is. */
export function belongingOf({ of }: Export): Belonging {
  return of === allDjs ? 'everybody' : { owner: of };
}

/** Where its file lies in the bucket. */
export function exportKey(exportId: ExportId): string {
  return `exports/${exportId}.csv`;
}
