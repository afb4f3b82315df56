import { Readable } from 'node:stream';
import type { CallRepository } from '#shared/calls/call.repository.ts';
import type { Call } from '#shared/calls/call.ts';
import { callReplyOf } from '#shared/calls/call-reply.ts';
import { type CallFilters, matches } from '#shared/calls/list-calls.ts';
import { addSeconds, dayPlus } from '#shared/clock.ts';
import type { FileStore } from '#shared/files/store.ts';
import { log } from '#shared/log.ts';
import { csvHeader, csvLines } from './calls-csv.ts';
import type { ExportRepository } from './export.repository.ts';
import { type Export, exportKey, filtersOf } from './export.ts';

export interface WriteDeps {
  calls: Pick<CallRepository, 'ofDj' | 'ofDay'>;
  exports: Pick<ExportRepository, 'find' | 'replace'>;
  files: Pick<FileStore, 'put'>;
  now(): Date;
}

/** Seconds that a worker lives; until then no other takes its export up. */
const workerSeconds = 300;
/** What is not read by then would be read in vain by every other worker too. */
const readSecondsMax = 240;
/** An export is given up after so many workers failed or died on it. */
const attemptsMax = 3;
const pageSize = 100;

/** Another worker is on the export: the message must come again, in case that one dies. */
export class ExportBusy extends Error {}

class TooLarge extends Error {}

/**
 * Writes the file of an export. It may die at any moment and be started again: whoever comes after its lease writes the
 * file anew, into the same place.
 * @throws ExportBusy while another worker is on it; any other error when it is worth another try
 */
export async function writeExport(deps: WriteDeps, exportId: string): Promise<void> {
  const now = deps.now();
  const found = await deps.exports.find(exportId, now);
  if (found === undefined || found.status === 'done' || found.status === 'failed') return;
  if (found.leaseUntil !== null && found.leaseUntil > now.toISOString())
    throw new ExportBusy('another worker is on the export');
  if (found.attempts >= attemptsMax) return end(deps, found, { reason: 'It broke off too often' });
  const begun: Export = {
    ...found,
    status: 'running',
    attempts: found.attempts + 1,
    leaseUntil: addSeconds(now, workerSeconds).toISOString(),
    updatedAt: now.toISOString(),
  };
  await deps.exports.replace(found, begun);
  try {
    await end(deps, begun, { rows: await writeFile(deps, begun, addSeconds(now, readSecondsMax)) });
  } catch (error) {
    if (error instanceof TooLarge) return end(deps, begun, { reason: error.message });
    if (begun.attempts < attemptsMax) {
      await deps.exports.replace(begun, { ...begun, status: 'queued', leaseUntil: null });
      throw error;
    }
    log.error('the export is given up', error as Error);
    await end(deps, begun, { reason: `Given up after ${attemptsMax} tries` });
  }
}

async function end(
  deps: WriteDeps,
  before: Export,
  { rows = null, reason = null }: { rows?: number | null; reason?: string | null },
): Promise<void> {
  const status = rows === null ? 'failed' : 'done';
  const updatedAt = deps.now().toISOString();
  await deps.exports.replace(before, { ...before, status, rows, reason, leaseUntil: null, updatedAt });
}

/** Answers how many calls are in the file. */
async function writeFile(deps: WriteDeps, wanted: Export, late: Date): Promise<number> {
  const filters = filtersOf(wanted);
  let rows = 0;
  async function* lines() {
    yield csvHeader;
    for await (const page of pagesOf(deps.calls, filters)) {
      if (deps.now() > late) throw new TooLarge('There are too many calls: ask for fewer days at once');
      const records = page.map(callReplyOf).filter((record) => matches(record, filters));
      rows += records.length;
      if (records.length > 0) yield csvLines(records);
    }
  }
  const content = Readable.from(lines(), { objectMode: true, highWaterMark: 1 });
  await deps.files.put(exportKey(wanted.id), { content, contentType: 'text/csv; charset=utf-8' });
  return rows;
}

/** The calls of a DJ, or of everybody day by day, newest first. */
async function* pagesOf(calls: WriteDeps['calls'], filters: CallFilters): AsyncGenerator<Call[]> {
  const { djProfileId, from, to } = filters;
  if (djProfileId !== undefined) {
    yield* pages((after) => calls.ofDj(djProfileId, filters, pageSize, after));
    return;
  }
  for (let day = to.slice(0, 10); day >= from.slice(0, 10); day = dayPlus(day, -1)) {
    yield* pages((after) => calls.ofDay(day, filters, pageSize, after));
  }
}

async function* pages(read: (after?: Record<string, string>) => ReturnType<CallRepository['ofDj']>) {
  let after: Record<string, string> | undefined;
  do {
    const page = await read(after);
    yield page.calls;
    after = page.next;
  } while (after !== undefined);
}
