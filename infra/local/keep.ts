import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';

/** What parts of a stack need in order to outlive its process. */
export interface Keep {
  /**
   * From now on `state` is kept of the part: plain data, read at any moment. Answers what it was when the last process
   * ended, however that ended; undefined the first time.
   */
  part<State>(name: string, state: () => State): State | undefined;
  /** Resolves once what the parts are now will outlive this process. Awaited before anything is acknowledged. */
  commit(): Promise<void>;
}

/** Of a stack that starts fresh each time. */
export const nothingKept: Keep = {
  part: () => undefined,
  commit: async () => {},
};

/** What a changed form of the states would be told by. */
const format = 1;

/**
 * All parts in one file, written as a whole: whoever is killed leaves one moment behind, not the pieces of several. Commits
 * at about the same time share a write, so that a larger state means fewer writes rather than longer waits for each.
 */
export class KeepFile implements Keep {
  readonly #file: string;
  readonly #before: Record<string, unknown>;
  readonly #parts = new Map<string, () => unknown>();
  #next: Promise<void> | undefined;
  #pauseMs = 0;

  /** @throws Error that says what to remove, when another version of this program kept it */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'state');
    this.#before = read(this.#file, folder);
  }

  part<State>(name: string, state: () => State): State | undefined {
    this.#parts.set(name, state);
    return this.#before[name] as State | undefined;
  }

  commit(): Promise<void> {
    this.#next ??= sleep(this.#pauseMs).then(() => this.#write());
    return this.#next;
  }

  #write(): void {
    this.#next = undefined;
    const startedAt = performance.now();
    const states = Object.fromEntries([...this.#parts].map(([name, state]) => [name, state()]));
    const written = `${this.#file}.new`;
    writeFileSync(written, serialize({ format, states: { ...this.#before, ...states } }));
    renameSync(written, this.#file);
    // A third of the time at most goes into it.
    this.#pauseMs = 2 * (performance.now() - startedAt);
  }
}

function read(file: string, folder: string): Record<string, unknown> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const kept = deserialize(bytes) as { format: number; states: Record<string, unknown> };
  if (kept.format === format) return kept.states;
  throw new Error(`What ${folder} holds was kept by another version: remove that folder to start afresh.`);
}
