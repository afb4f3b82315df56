import type { Table } from '#shared/table/client.ts';
import { isDeep, sampleOf, seed } from '#test/support/depth.ts';

/** The process died: nothing it would have done afterwards happens. */
export class Crash extends Error {}

/**
 * Lets a use case live until its n-th step outside has happened: the process dies before it hears of it. To die before
 * the next step is the same to the world.
 */
export class Fuse {
  #left: number;
  #dead = false;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Steps that have begun. */
  taken = 0;

  constructor(step: number) {
    this.#left = step;
  }

  get burnt(): boolean {
    return this.#dead;
  }

  async step<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new Crash();
    this.taken++;
    // Decided on entry: steps run side by side.
    const isLast = --this.#left === 0;
    const working = work();
    this.#underWay.add(working);
    const [outcome] = await Promise.allSettled([working]);
    this.#underWay.delete(working);
    if (isLast) this.#dead = true;
    if (this.#dead) throw new Crash();
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  /** What the process had sent before it died still arrives: waits until it has. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }
}

const stepsMax = 80;

/**
 * Plays something that dies after a step, for every step that it has, the last time without dying; for one of them, drawn, in
 * `npm test`. `play` answers the fuses of its lives.
 */
export async function sweep(
  of: string,
  play: (step: number, moment: string) => Promise<Fuse[]>,
): Promise<void> {
  const moment = (step: number) => `died after step ${step} (seed ${seed})`;
  if (!isDeep) {
    const whole = await play(Number.POSITIVE_INFINITY, 'never died');
    const steps = Array.from(
      { length: Math.max(...whole.map(({ taken }) => taken)) },
      (_, index) => index + 1,
    );
    for (const step of sampleOf(steps, 1, of)) await play(step, moment(step));
    return;
  }
  for (let step = 1; step <= stepsMax; step++) {
    const lives = await play(step, moment(step));
    if (!lives.some(({ burnt }) => burnt)) return;
  }
  throw new Error(`${of} has more than ${stepsMax} steps`);
}

/** The table and a carrier behind a fuse: every call of either is a step. */
export function fused<Carrier extends object>(
  fuse: Fuse,
  table: Table,
  carrier: Carrier,
): { table: Table; carrier: Carrier } {
  return { table: behind(fuse, table), carrier: behind(fuse, carrier) };
}

function behind<T extends object>(fuse: Fuse, real: T): T {
  return new Proxy(real, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) =>
        fuse.step(() => (member as (...all: unknown[]) => Promise<unknown>).apply(target, parameters));
    },
  });
}

/** Lets something run that may die on its way, and what it sent arrive; answers what it threw. */
export async function dies(fuse: Fuse, work: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    // What a dying process throws is lost with it; some of it is our own answer to the crash.
    if (!(error instanceof Error)) throw error;
    return error;
  } finally {
    await fuse.settled();
  }
}
