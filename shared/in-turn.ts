import { addSeconds } from './clock.ts';

export interface TurnDeps {
  now(): Date;
  /** Resolves after so many seconds, or when the signal ends it. */
  pause(seconds: number, signal: AbortSignal): Promise<void>;
}

/** What became of an item: its result; or it was still being worked on, or not begun, when the answer was due. */
export type Turn<T> = { result: T } | 'hanging' | 'not-begun';

/** Items worked on at once: well below Twilio's limit of concurrent requests. */
const parallelMax = 4;
/** No new item is begun after this. */
const beginSecondsMax = 16;
/** The answer is given then, whatever still hangs: API Gateway gives up at 30 s. */
const answerSeconds = 25;

/** Works through the items while somebody waits, several at a time, in time for the answer. @throws what `work` throws */
export async function inTurn<I, T>(
  deps: TurnDeps,
  items: readonly I[],
  work: (item: I) => Promise<T>,
): Promise<Turn<T>[]> {
  const late = addSeconds(deps.now(), beginSecondsMax);
  const turns: Turn<T>[] = items.map(() => 'not-begun');
  const open = [...items.entries()];
  const inTime = new AbortController();

  async function workOn(): Promise<void> {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      if (inTime.signal.aborted || deps.now() > late) return;
      const [index, item] = next;
      turns[index] = 'hanging';
      turns[index] = { result: await work(item) };
    }
  }
  const all = Promise.all(Array.from({ length: Math.min(parallelMax, items.length) }, workOn));
  try {
    await Promise.race([all, deps.pause(answerSeconds, inTime.signal)]);
  } finally {
    inTime.abort();
  }
  // As they are now: what still hangs may end while the answer is written.
  return [...turns];
}
