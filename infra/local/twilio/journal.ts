export interface Entry {
  n: number;
  at: string;
  kind: 'rest' | 'webhook' | 'call' | 'message' | 'fault' | 'alert' | 'control';
  [detail: string]: unknown;
}

/** What happened, in order; what `GET /_sim/log` shows. */
export class Journal {
  // A soak run must not fill the memory: the oldest entries go first.
  static readonly #entriesMax = 20_000;
  readonly #kept: Entry[] = [];
  readonly #now: () => Date;
  #count = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  add(kind: Entry['kind'], detail: Record<string, unknown>): void {
    this.#count += 1;
    this.#kept.push({ n: this.#count, at: this.#now().toISOString(), kind, ...detail });
    if (this.#kept.length > Journal.#entriesMax) this.#kept.shift();
  }

  entries(after = 0): Entry[] {
    return this.#kept.filter((entry) => entry.n > after);
  }
}
