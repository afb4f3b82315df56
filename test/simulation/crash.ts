import type { Table } from '#shared/table/client.ts';
import type { FakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

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

  constructor(step: number) {
    this.#left = step;
  }

  get burnt(): boolean {
    return this.#dead;
  }

  async step<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new Crash();
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

/** The table and the carrier behind a fuse: every call of either is a step. */
export function fused(
  fuse: Fuse,
  table: Table,
  carrier: FakeCarrier,
): { table: Table; carrier: FakeCarrier } {
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
