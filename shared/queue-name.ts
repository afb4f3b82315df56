import type * as z from 'zod';
import type * as queues from './queues.ts';

/** A queue between functions; the consumer that names it drains it. */
export type QueueName = keyof typeof queues;

/** What a message of a queue says. */
export type MessageOf<Q extends QueueName> = z.output<ReturnType<(typeof queues)[Q]>>;

/** A message for one of the queues. */
export type OutMessage = { [Q in QueueName]: { queue: Q; body: MessageOf<Q> } }[QueueName];

/** The variable that holds a queue's URL: `QUEUE_URL_FOLLOW_UPS` of `followUps`. */
export function queueVariable(name: QueueName): string {
  return `QUEUE_URL_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
