import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { requireEnv } from '#shared/env.ts';
import type { QueueName } from '#shared/grant.ts';
import type { CallId, E164, ExportId, OrderId, OwnerId } from '#shared/id.ts';
import type { EventMessage } from '#shared/platform-events/fields.ts';
import type { RecordingKind } from '#shared/recordings/kinds.ts';

/** What the messages of each queue say; the consumer's contract checks it. */
interface Bodies {
  followUps: { callId: CallId };
  callFacts: { callId: CallId };
  orders: { orderId: OrderId };
  /** Which change of a number is to be told: the key of its history. */
  notices: { phoneNumber: E164; historyKey: string };
  /** Whose text carriers refused, and by which of Twilio's codes. */
  refusals: { phoneNumber: E164; code: string };
  /** A call came in, or somebody clicked on the number of a DJ's page. */
  attributions: { callId: CallId } | { djProfileId: OwnerId; clickedAt: string };
  /** What the platform is to be told. */
  events: EventMessage;
  /** Which recording of a call is to be copied. */
  recordings: { callId: CallId; kind: RecordingKind };
  exports: { exportId: ExportId };
}

/** A message for one of the queues. */
export type OutMessage = { [Q in QueueName]: { queue: Q; body: Bodies[Q] } }[QueueName];

export interface Queues {
  /** Sends all, in batches of ten. @throws Error when a message was not taken; others may have been. */
  send(messages: OutMessage[]): Promise<void>;
}

const urlVariables: Record<QueueName, string> = {
  followUps: 'QUEUE_URL_FOLLOW_UPS',
  callFacts: 'QUEUE_URL_CALL_FACTS',
  orders: 'QUEUE_URL_ORDERS',
  notices: 'QUEUE_URL_NOTICES',
  refusals: 'QUEUE_URL_REFUSALS',
  attributions: 'QUEUE_URL_ATTRIBUTIONS',
  events: 'QUEUE_URL_EVENTS',
  recordings: 'QUEUE_URL_RECORDINGS',
  exports: 'QUEUE_URL_EXPORTS',
};

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
              QueueUrl: requireEnv(urlVariables[queue]),
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
