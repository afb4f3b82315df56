import { createHash } from 'node:crypto';

/** 32 hex digits that depend on the seed and the parts only. */
export function derive(seed: number, ...parts: (string | number)[]): string {
  return createHash('sha256')
    .update([seed, ...parts].join('\n'))
    .digest('hex')
    .slice(0, 32);
}

/** A number in [0, 1) that depends on the seed and the parts only. */
export function chance(seed: number, ...parts: (string | number)[]): number {
  return Number.parseInt(derive(seed, ...parts).slice(0, 8), 16) / 2 ** 32;
}

/** Twilio's identifiers: two letters and 32 hex digits. The same seed and order give the same ones. */
export class Sids {
  readonly #seed: number;
  readonly #used = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** How many SIDs of each sequence are given out. */
  get state(): Map<string, number> {
    return this.#used;
  }

  restore(state: ReadonlyMap<string, number>): void {
    for (const [sequence, count] of state) this.#used.set(sequence, count);
  }

  /** The next SID of a kind within an owner; parallel owners do not disturb each other's sequence. */
  next(prefix: string, ...owner: string[]): string {
    const sequence = [prefix, ...owner].join('\n');
    const count = (this.#used.get(sequence) ?? 0) + 1;
    this.#used.set(sequence, count);
    return prefix + derive(this.#seed, sequence, count);
  }
}
