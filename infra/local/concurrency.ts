import { setTimeout as sleep } from 'node:timers/promises';

/** An account has as many unless it asks for more; new ones may have 10. */
const accountLimit = 1000;
const againAfterMs = 50;

/** As many functions run at once as the account, or the function's own reserve, allows. */
export class Throttled extends Error {}

/**
 * Lambda's limit of functions that run at once, of which some functions have a part to themselves. What waits for a sandbox
 * here would run in one of its own there, so it counts.
 */
export class Concurrency {
  readonly #reserved: ReadonlyMap<string, number>;
  readonly #unreserved: number;
  readonly #running = new Map<string, number>();

  /**
   * @param reserved places by the ARN of the function that has them to itself
   * @throws Error when the reserves come to more than the limit
   */
  constructor(reserved: ReadonlyMap<string, number>, limit = accountLimit) {
    this.#reserved = reserved;
    this.#unreserved = limit - [...reserved.values()].reduce((sum, places) => sum + places, 0);
    if (this.#unreserved < 0)
      throw new Error(`The template reserves more than the ${limit} functions that may run at once.`);
  }

  /** @throws Throttled, without having begun the work */
  async run<T>(functionArn: string, work: () => Promise<T>): Promise<T> {
    const places = this.#reserved.get(functionArn);
    const pool = places === undefined ? 'unreserved' : functionArn;
    const running = this.#running.get(pool) ?? 0;
    const max = places ?? this.#unreserved;
    if (running >= max) throw new Throttled(`Rate Exceeded: ${max} functions run at once`);
    this.#running.set(pool, running + 1);
    try {
      return await work();
    } finally {
      this.#running.set(pool, (this.#running.get(pool) ?? 1) - 1);
    }
  }
}

type Invoke = (functionRef: string, event: unknown) => Promise<unknown>;

/** Queues, streams and timers wait for a place: Lambda tries again what was throttled, which is no failure of theirs. */
export function patiently(invoke: Invoke): Invoke {
  return async (functionRef, event) => {
    for (;;) {
      try {
        return await invoke(functionRef, event);
      } catch (error) {
        if (!(error instanceof Throttled)) throw error;
        await sleep(againAfterMs, undefined, { ref: false });
      }
    }
  };
}
