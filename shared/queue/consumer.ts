// This folder is what workers have around them: their contract, checks of messages, and sending to queues.

import type { ZodType } from 'zod';
import type { Grant } from '#shared/grant.ts';
import type { QueueName } from '#shared/queue-name.ts';

/** A Lambda that drains one SQS queue (with its dead-letter queue). */
export interface QueueConsumer {
  readonly source: 'queue';
  readonly queue: QueueName;
  readonly summary: string;
  /** Shape of a message. */
  readonly message: ZodType;
  readonly grants: readonly Grant[];
  readonly timeoutSeconds: number;
  /** Receives of a message before it goes to the dead-letter queue. */
  readonly receivesMax: number;
  readonly batchSize: number;
  /** Seconds to wait for a fuller batch. */
  readonly batchWindowSeconds?: number;
  /**
   * Workers at once, so that a backlog or a slow receiver does not take the functions that callers wait for; 10 unless
   * told. AWS takes 2 to 1000.
   */
  readonly concurrencyMax?: number;
  /** What people lose while messages wait or lie in the dead-letter queue; the alarms say it. */
  readonly impact: string;
}

/** A Lambda that reads the table's change stream. */
export interface StreamConsumer {
  readonly source: 'stream';
  readonly summary: string;
  /** Values of the items' `entity` attribute that it is woken for. */
  readonly entities: readonly string[];
  readonly grants: readonly Grant[];
  readonly timeoutSeconds: number;
  readonly batchSize: number;
  /** Retries of a record before it goes to the dead-letter queue. */
  readonly retriesMax: number;
  readonly impact: string;
}

export type Consumer = QueueConsumer | StreamConsumer;

/** Declares a consumer. */
export function consumer<const C extends Consumer>(contract: C): C {
  return contract;
}
