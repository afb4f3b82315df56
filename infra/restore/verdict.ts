import { isDeepStrictEqual } from 'node:util';
import type { Item } from '#shared/table/client.ts';
import { unmarked } from '#shared/table/mark.ts';
import { neverPutBack } from './kinds.ts';

/** What becomes of an item of the copy: it is put back, stays as it is in the live table, or must not come back. */
export type Verdict = 'put' | 'same' | 'differs' | 'left-out';

/**
 * Pure: what is missing is put back; what is there stays, since it may be newer than the copy, unless its kind is among
 * `overwrite`. Even then stays what was written since the restore began, and what is left of a caller who was forgotten.
 */
export function verdictOf(
  kept: Item,
  live: Item | undefined,
  { overwrite, begunAt, now }: { overwrite: ReadonlySet<string>; begunAt: string; now: Date },
): Verdict {
  if (neverPutBack.includes(String(kept['entity'])) || isOver(kept, now) || isUnfinishedOrder(kept))
    return 'left-out';
  if (live === undefined) return 'put';
  if (isDeepStrictEqual(unmarked(kept), unmarked(live))) return 'same';
  const isForgotten = live['forgettingAt'] !== undefined || live['forgottenAt'] !== undefined;
  const { updatedAt } = live;
  const isFresh = typeof updatedAt === 'string' && updatedAt >= begunAt;
  return overwrite.has(String(kept['entity'])) && !isForgotten && !isFresh ? 'put' : 'differs';
}

function isOver({ expiresAt }: Item, now: Date): boolean {
  return typeof expiresAt === 'number' && expiresAt * 1000 <= now.getTime();
}

/** It may have ended since, and would buy once more. */
function isUnfinishedOrder({ entity, record }: Item): boolean {
  return entity === 'order' && (record as { status?: unknown } | undefined)?.status !== 'done';
}
