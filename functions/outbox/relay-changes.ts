import { messagesOf } from '#shared/outbox/relay.ts';
import { connectQueues } from '#shared/queue/client.ts';
import { streamHandler } from '#shared/queue/stream-handler.ts';

const queues = connectQueues();

export const handler = streamHandler(
  ({ before, after }) => messagesOf(before, after),
  (messages) => queues.send(messages),
);
