import { setTimeout as sleep } from 'node:timers/promises';
import type { Functions } from './functions.ts';
import type { Gateway } from './gateway.ts';
import type { QueuePoller, Queues } from './queues.ts';
import type { StreamPoller } from './stream.ts';

export interface Working {
  gateway: Gateway;
  functions: Functions;
  queues: Queues;
  queuePollers: readonly QueuePoller[];
  streamPollers: readonly StreamPoller[];
  /** Simulators, each with its own way to wait. */
  outside: readonly { name: string; idle: () => Promise<void> }[];
}

/**
 * Resolves once nothing is under way anywhere: requests, invocations, messages, stream records, calls.
 * @throws Error naming what is still busy when it takes too long.
 */
export async function quiet(working: Working, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    const { started } = working.functions;
    const busy = await firstBusy(working, until);
    if (!busy && working.functions.started === started) return;
    if (performance.now() > until)
      throw new Error(`The stack is still busy after ${withinMs / 1000} s: ${busy ?? 'it goes on and on'}`);
    if (busy) await sleep(10);
  }
}

async function firstBusy(working: Working, until: number): Promise<string | undefined> {
  const { gateway, functions, queues, queuePollers, streamPollers, outside } = working;
  for (const { name, idle } of outside) {
    const inTime = await Promise.race([
      idle().then(() => true),
      sleep(Math.max(0, until - performance.now()), false, { ref: false }),
    ]);
    if (!inTime) return name;
  }
  if (gateway.underWay > 0) return 'a request without an answer';
  const running = functions.busy();
  if (running.length > 0) return `the functions ${running.join(', ')}`;
  const polls = streamPollers.map(({ emptyPolls }) => emptyPolls);
  while (streamPollers.some((poller, index) => poller.emptyPolls < (polls[index] ?? 0) + 2)) {
    for (const poller of streamPollers) poller.wake();
    if (performance.now() > until) return "the table's stream";
    await sleep(2);
  }
  for (const poller of queuePollers) {
    const { visible, inFlight } = await queues.depth(poller.arn);
    if (visible > 0) return `${visible} messages in ${poller.arn}`;
    if (inFlight > 0) {
      const what = poller.busy ? 'being worked on' : 'that failed and wait to be received again';
      return `${inFlight} messages of ${poller.arn} ${what}`;
    }
  }
  return undefined;
}
