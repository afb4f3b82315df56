import type { Table } from '#shared/table/client.ts';
import type { FakeCarrier } from '#test/shared/twilio/fake-carrier.ts';

/** The process died: nothing it would have done afterwards happens. */
export class Crash extends Error {}

/** Lets a use case live until its n-th step outside; `before` and `after` the step are two moments to die. */
export class Fuse {
  #left: number;
  #when: 'before' | 'after';
  #dead = false;

  constructor(step: number, when: 'before' | 'after') {
    this.#left = step;
    this.#when = when;
  }

  get burnt(): boolean {
    return this.#dead;
  }

  async step<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new Crash();
    this.#left--;
    if (this.#left === 0 && this.#when === 'before') this.#dead = true;
    if (this.#dead) throw new Crash();
    const result = await work();
    if (this.#left === 0) this.#dead = true;
    if (this.#dead) throw new Crash();
    return result;
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
