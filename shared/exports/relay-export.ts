import type { ChangeRule } from '#shared/queue/change.ts';
import { storedExport } from './export.ts';

/** A new export is written; once it runs, the queue itself brings its message again. */
export const relayExport: ChangeRule = (before, after) => {
  if (before !== undefined) return [];
  return [{ queue: 'exports', body: { exportId: storedExport.parse(after.record).id } }];
};
