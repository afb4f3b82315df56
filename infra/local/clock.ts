import { type Keep, nothingKept } from './keep.ts';

/**
 * The stack's clock: real time plus an offset that functions share, each in its own worker thread, through memory.
 * Tokens go by it too. Queue delays, timeouts and the table engine stay on real time.
 */
export class Clock {
  readonly shared = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  readonly #offset = new Float64Array(this.shared);
  readonly #listeners = new Set<() => void>();

  constructor(at?: Date, keep: Keep = nothingKept) {
    this.#move(keep.part('clock', () => this.offsetMs) ?? 0);
    if (at) this.set(at);
  }

  get offsetMs(): number {
    return this.#offset[0] ?? 0;
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  set(at: Date): void {
    this.#move(at.getTime() - Date.now());
  }

  /** Shows the real time again. */
  reset(): void {
    this.#move(0);
  }

  onMove(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #move(offsetMs: number): void {
    this.#offset[0] = offsetMs;
    for (const listener of this.#listeners) listener();
  }
}
