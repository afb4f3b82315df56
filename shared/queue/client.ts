import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { requireEnv } from '#shared/env.ts';
import { type OutMessage, type QueueName, queueVariable } from '#shared/queue-name.ts';

export interface Queues {
  /** Sends all, in batches of ten. @throws Error when a message was not taken; others may have been. */
  send(messages: OutMessage[]): Promise<void>;
}

export function connectQueues(
  client: SQSClient = new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  }),
): Queues {
  return {
    async send(messages) {
      const byQueue = Map.groupBy(messages, ({ queue }) => queue);
      const sendToQueue = async (queue: QueueName) => {
        const bodies = (byQueue.get(queue) ?? []).map(({ body }) => JSON.stringify(body));
        for (let first = 0; first < bodies.length; first += 10) {
          const answer = await client.send(
            new SendMessageBatchCommand({
              QueueUrl: requireEnv(queueVariable(queue)),
              Entries: bodies
                .slice(first, first + 10)
                .map((body, index) => ({ Id: String(index), MessageBody: body })),
            }),
          );
          const [refused] = answer.Failed ?? [];
          if (refused !== undefined)
            throw new Error(`queue ${queue} refused a message: ${refused.Message ?? refused.Code}`);
        }
      };
      await Promise.all([...byQueue.keys()].map(sendToQueue));
    },
  };
}
