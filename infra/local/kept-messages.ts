/** A message that nobody has removed from its queue yet. */
export interface KeptMessage {
  body: string;
  /** Until then nobody may receive it, in milliseconds since 1970. */
  visibleAt: number;
  receives: number;
}

type Sent = { MessageBody: string; DelaySeconds?: number };

/** The messages of the queues beside the engine that holds them, for the next start: the engine forgets. */
export class KeptMessages {
  readonly #queues = new Map<string, Map<string, KeptMessage>>();

  /** By queue name and the id that the engine gave them. */
  get all(): ReadonlyMap<string, ReadonlyMap<string, KeptMessage>> {
    return this.#queues;
  }

  /** Notes what a request sent, by the engine's answer to it. True when it sent anything. */
  note(target: string, body: string, reply: string): boolean {
    const operation = target.split('.').at(-1);
    if (operation !== 'SendMessage' && operation !== 'SendMessageBatch') return false;
    const request = JSON.parse(body) as { QueueUrl: string; Entries?: (Sent & { Id: string })[] } & Sent;
    const answer = JSON.parse(reply) as {
      MessageId?: string;
      Successful?: { Id: string; MessageId: string }[];
    };
    const queue = request.QueueUrl.split('/').at(-1) ?? '';
    if (answer.MessageId !== undefined) this.#add(queue, answer.MessageId, request);
    for (const { Id, MessageId } of answer.Successful ?? []) {
      const entry = request.Entries?.find((one) => one.Id === Id);
      if (entry) this.#add(queue, MessageId, entry);
    }
    return true;
  }

  received(queue: string, messageId: string): void {
    const message = this.#queues.get(queue)?.get(messageId);
    if (message) message.receives += 1;
  }

  removed(queue: string, messageId: string): void {
    this.#queues.get(queue)?.delete(messageId);
  }

  forget(): void {
    this.#queues.clear();
  }

  #add(queue: string, messageId: string, { MessageBody: body, DelaySeconds: delay = 0 }: Sent): void {
    const messages = this.#queues.get(queue) ?? new Map<string, KeptMessage>();
    messages.set(messageId, { body, visibleAt: Date.now() + delay * 1000, receives: 0 });
    this.#queues.set(queue, messages);
  }
}
