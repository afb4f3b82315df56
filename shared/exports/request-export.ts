import { allDjs, type CallFilters } from '#shared/calls/list-calls.ts';
import { Failure } from '#shared/failure.ts';
import { newId } from '#shared/id.ts';
import type { ExportRepository } from './export.repository.ts';
import type { Export } from './export.ts';

export interface RequestDeps {
  exports: Pick<ExportRepository, 'add'>;
  now(): Date;
}

/** A day more than a leap year has: each day of all calls is a list of its own. */
const daysMax = 367;

/**
 * Asks for a file of calls, which a worker writes. It may be the calls of all DJs.
 * @throws Failure VALIDATION_FAILED when all calls of more than 366 days are asked for, RATE_LIMITED after 20 on a UTC day
 */
export async function requestExport(deps: RequestDeps, filters: CallFilters, actor: string): Promise<Export> {
  const days = (Date.parse(filters.to) - Date.parse(filters.from)) / 86_400_000;
  if (filters.of === allDjs && days >= daysMax - 1) {
    throw new Failure('VALIDATION_FAILED', undefined, {
      details: [{ path: 'body.start_date', message: `must lie at most ${daysMax - 1} days before the end` }],
    });
  }
  const at = deps.now().toISOString();
  const wanted: Export = {
    id: newId('exp'),
    of: filters.of,
    from: filters.from,
    to: filters.to,
    callStatus: filters.callStatus ?? null,
    leadScore: filters.leadScore ?? null,
    isBooked: filters.isBooked ?? null,
    actor,
    status: 'queued',
    attempts: 0,
    leaseUntil: null,
    rows: null,
    reason: null,
    createdAt: at,
    updatedAt: at,
  };
  await deps.exports.add(wanted);
  return wanted;
}
