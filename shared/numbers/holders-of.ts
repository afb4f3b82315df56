import type { OwnerId } from '#shared/id.ts';
import type { NumberChange } from './number-writes.ts';

/** One time that somebody held a number. */
export interface Holding {
  owner: OwnerId;
  since: string;
  /** When they gave it up; null while it is theirs. */
  until: string | null;
}

/** Who held a number when, newest first, from its history, newest first. Who takes a number back has held it all along. */
export function holdersOf(changes: readonly NumberChange[]): Holding[] {
  const holdings: Holding[] = [];
  for (const { at, to, djProfileId: owner } of changes.toReversed()) {
    const last = holdings.at(-1);
    if (to !== 'assigned') {
      if (last?.until === null) last.until = at;
    } else if (last !== undefined && last.owner === owner) last.until = null;
    else if (owner !== null) {
      if (last?.until === null) last.until = at;
      holdings.push({ owner, since: at, until: null });
    }
  }
  return holdings.toReversed();
}
