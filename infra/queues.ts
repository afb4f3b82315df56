import { deadLettersOf, resourceName, timers } from './constructs/names.ts';
import { type Contracts, kebab, sorted } from './contracts.ts';

/** Where messages wait, or end. */
export interface WatchedQueue {
  readonly queueName: string;
  /** Functions whose work lies in it. */
  readonly functions: readonly string[];
  /** What people lose meanwhile, by function. */
  readonly impacts: readonly string[];
}

/** The queues between functions. */
export function workQueues(stage: string, { consumers }: Contracts): WatchedQueue[] {
  return sorted(consumers).flatMap(({ id, contract }) =>
    contract.source === 'queue'
      ? [
          {
            queueName: resourceName(stage, kebab(contract.queue)),
            functions: [id],
            impacts: [contract.impact],
          },
        ]
      : [],
  );
}

/** The dead-letter queues of the workers: of those that drain a queue, and of those that read the stream. */
export function workerDeadLetters(stage: string, { consumers }: Contracts): WatchedQueue[] {
  return sorted(consumers).map(({ id, bundle, contract }) => ({
    queueName: deadLettersOf(stage, contract.source === 'queue' ? kebab(contract.queue) : bundle),
    functions: [id],
    impacts: [contract.impact],
  }));
}

/** The dead-letter queue of all timers. */
export function timerDeadLetters(stage: string, { schedules }: Contracts): WatchedQueue {
  const all = sorted(schedules);
  return {
    queueName: deadLettersOf(stage, timers),
    functions: all.map(({ id }) => id),
    impacts: all.map(({ contract }) => contract.impact),
  };
}
