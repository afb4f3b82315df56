/** Work under way in the background, so that somebody can wait until there is none. */
export class Pending {
  readonly #running = new Set<Promise<void>>();

  /** Runs `work` on its own. It must not reject: what goes wrong is reported to `failed`. */
  track(work: Promise<unknown>, failed: (error: unknown) => void): void {
    const settled: Promise<void> = work.then(
      () => undefined,
      (error: unknown) => failed(error),
    );
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
  }

  get idle(): boolean {
    return this.#running.size === 0;
  }

  /** Resolves once nothing is under way, what was begun meanwhile included. */
  async whenIdle(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all(this.#running);
    }
  }
}
