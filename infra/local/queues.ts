import { setTimeout as sleep } from 'node:timers/promises';
import { buildApp } from 'fauxqs';
import { type Keep, nothingKept } from './keep.ts';
import { KeptMessages } from './kept-messages.ts';
import type { World } from './resource-kinds.ts';
import type { Resource } from './template.ts';

/** A message as ReceiveMessage gives it. */
export interface Message {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>;
}

interface Depth {
  visible: number;
  inFlight: number;
}

interface Reply {
  status: number;
  body: string;
}

/** The queues of the template, on an engine inside this process that listens on no port. */
export class Queues {
  readonly #engine = buildApp({ logger: false });
  readonly #world: World;
  /** Names by ARN. */
  readonly #names = new Map<string, string>();
  /** Of each queue that gives up on messages: after how many receipts, and where they go then. */
  readonly #redrives = new Map<string, { max: number; deadLetters: string }>();
  readonly #kept = new KeptMessages();
  readonly #keep: Keep;

  constructor(world: World, keep: Keep = nothingKept) {
    this.#world = world;
    this.#keep = keep;
  }

  async create(resources: readonly Resource[]): Promise<void> {
    for (const { name, arn, properties } of resources.filter(({ type }) => type === 'AWS::SQS::Queue')) {
      const attributes: Record<string, string> = {};
      for (const property of [
        'VisibilityTimeout',
        'MessageRetentionPeriod',
        'DelaySeconds',
        'MaximumMessageSize',
        'ReceiveMessageWaitTimeSeconds',
        'RedrivePolicy',
      ]) {
        const value = properties[property];
        if (value !== undefined)
          attributes[property] = typeof value === 'string' ? value : JSON.stringify(value);
      }
      await this.#call('CreateQueue', { QueueName: name, Attributes: attributes });
      this.#names.set(arn, name);
      const { maxReceiveCount, deadLetterTargetArn } = (properties['RedrivePolicy'] ?? {}) as {
        maxReceiveCount?: number;
        deadLetterTargetArn?: string;
      };
      if (deadLetterTargetArn !== undefined)
        this.#redrives.set(name, { max: Number(maxReceiveCount), deadLetters: deadLetterTargetArn });
    }
    await this.#restore();
  }

  /** Sends again what was in the queues when the last process ended; what was received as often as it may, to the dead letters. */
  async #restore(): Promise<void> {
    const before = this.#keep.part('queues', () => this.#kept.all) ?? new Map<string, never>();
    const arns = new Map([...this.#names].map(([arn, name]) => [name, arn]));
    for (const [queue, messages] of before) {
      const { max = Number.POSITIVE_INFINITY, deadLetters = '' } = this.#redrives.get(queue) ?? {};
      for (const { body, visibleAt, receives } of messages.values()) {
        const arn = receives >= max ? deadLetters : arns.get(queue);
        const delaySeconds = Math.max(0, Math.ceil((visibleAt - Date.now()) / 1000));
        if (arn !== undefined) await this.send(arn, body, delaySeconds);
      }
    }
  }

  has(arn: string): boolean {
    return this.#names.has(arn);
  }

  arnOfUrl(queueUrl: string): string | undefined {
    const name = queueUrl.split('/').at(-1);
    return [...this.#names].find(([, known]) => known === name)?.[0];
  }

  /** Passes a request of a function on as it came. */
  async pass(target: string, body: string): Promise<Reply> {
    const { region } = this.#world;
    const { statusCode, body: text } = await this.#engine.inject({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/20260101/${region}/sqs/aws4_request`,
      },
      payload: body,
    });
    const isKeeping = this.#keep !== nothingKept;
    if (isKeeping && statusCode === 200 && this.#kept.note(target, body, text)) await this.#keep.commit();
    return { status: statusCode, body: text };
  }

  async send(arn: string, body: string, delaySeconds = 0): Promise<void> {
    await this.#call('SendMessage', {
      QueueUrl: this.#url(arn),
      MessageBody: body,
      ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
    });
  }

  /** Waits up to a second for the first message. */
  async receive(arn: string, max: number): Promise<Message[]> {
    const reply = (await this.#call('ReceiveMessage', {
      QueueUrl: this.#url(arn),
      MaxNumberOfMessages: Math.min(10, max),
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    })) as { Messages?: Message[] };
    const { Messages: messages = [] } = reply;
    for (const { MessageId } of messages) this.#kept.received(this.#names.get(arn) ?? '', MessageId);
    return messages;
  }

  async remove(arn: string, messages: readonly Message[]): Promise<void> {
    for (const { ReceiptHandle, MessageId } of messages) {
      await this.#call('DeleteMessage', { QueueUrl: this.#url(arn), ReceiptHandle });
      this.#kept.removed(this.#names.get(arn) ?? '', MessageId);
    }
    if (messages.length > 0) void this.#keep.commit();
  }

  async showAgainAfter(arn: string, messages: readonly Message[], seconds: number): Promise<void> {
    for (const { ReceiptHandle } of messages) {
      const change = { QueueUrl: this.#url(arn), ReceiptHandle, VisibilityTimeout: seconds };
      await this.#call('ChangeMessageVisibility', change);
    }
  }

  /** Messages that can be received or are being worked on; not those that are delayed. */
  async depth(arn: string): Promise<Depth> {
    const { Attributes: attributes } = (await this.#call('GetQueueAttributes', {
      QueueUrl: this.#url(arn),
      AttributeNames: ['All'],
    })) as { Attributes: Record<string, string> };
    return {
      visible: Number(attributes['ApproximateNumberOfMessages']),
      inFlight: Number(attributes['ApproximateNumberOfMessagesNotVisible']),
    };
  }

  /** Takes every message out of every queue. */
  async empty(): Promise<void> {
    this.#kept.forget();
    for (const arn of this.#names.keys()) await this.#call('PurgeQueue', { QueueUrl: this.#url(arn) });
  }

  async stop(): Promise<void> {
    // Ends the waits for messages too, which would keep the process for their rest.
    for (const arn of this.#names.keys()) await this.#call('DeleteQueue', { QueueUrl: this.#url(arn) });
    await this.#engine.close();
  }

  #url(arn: string): string {
    const name = this.#names.get(arn);
    if (!name) throw new Error(`The template has no queue ${arn}.`);
    return `${this.#world.queueEndpoint}/${this.#world.account}/${name}`;
  }

  async #call(operation: string, body: unknown): Promise<unknown> {
    const reply = await this.pass(`AmazonSQS.${operation}`, JSON.stringify(body));
    if (reply.status !== 200) throw new Error(`sqs:${operation}: ${reply.body}`);
    return JSON.parse(reply.body || '{}') as unknown;
  }
}

export interface QueuePollerOptions {
  mapping: Resource;
  queues: Queues;
  region: string;
  invoke: (functionRef: string, event: unknown) => Promise<unknown>;
  /** Somebody waits for quiet: don't wait for fuller batches. */
  hurried: () => boolean;
  /** Overrides the queue's own visibility timeout for messages that failed. */
  redeliverAfterSeconds: () => number | undefined;
}

// Lambda starts with five pollers a queue; a function has at most four sandboxes here.
const parallelBatchesMax = 4;

/** An event source mapping from a queue to a function. */
export class QueuePoller {
  readonly arn: string;
  readonly #options: QueuePollerOptions;
  readonly #function: string;
  readonly #batchSize: number;
  readonly #windowMs: number;
  readonly #partial: boolean;
  readonly #parallelBatchesMax: number;
  readonly #underWay = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: QueuePollerOptions) {
    const { properties, stack, logicalId } = options.mapping;
    if (properties['FilterCriteria'])
      throw new Error(`${stack}/${logicalId}: the local stack knows filters of the table's stream only.`);
    this.#options = options;
    this.arn = String(properties['EventSourceArn']);
    this.#function = String(properties['FunctionName']);
    this.#batchSize = Number(properties['BatchSize'] ?? 10);
    this.#windowMs = Number(properties['MaximumBatchingWindowInSeconds'] ?? 0) * 1000;
    const { MaximumConcurrency: concurrencyMax = parallelBatchesMax } = (properties['ScalingConfig'] ??
      {}) as {
      MaximumConcurrency?: number;
    };
    this.#parallelBatchesMax = Math.min(parallelBatchesMax, concurrencyMax);
    this.#partial = ((properties['FunctionResponseTypes'] ?? []) as string[]).includes(
      'ReportBatchItemFailures',
    );
  }

  get busy(): boolean {
    return this.#underWay.size > 0;
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const batch = await this.#gather();
      if (batch.length === 0) continue;
      const work = this.#work(batch).finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
      if (this.#underWay.size >= this.#parallelBatchesMax) await Promise.race(this.#underWay);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #gather(): Promise<Message[]> {
    const batch: Message[] = [];
    let until = 0;
    for (;;) {
      const received = await this.#receive(this.#batchSize - batch.length);
      if (batch.length === 0) until = performance.now() + this.#windowMs;
      batch.push(...received);
      const full = batch.length >= this.#batchSize;
      const waiting = batch.length > 0 && performance.now() < until && !this.#options.hurried();
      if (full || !waiting || this.#stopped) return batch;
    }
  }

  async #receive(max: number): Promise<Message[]> {
    try {
      return await this.#options.queues.receive(this.arn, max);
    } catch {
      // Only a queue that is being taken down refuses.
      await sleep(100);
      return [];
    }
  }

  async #work(batch: Message[]): Promise<void> {
    const { invoke, queues } = this.#options;
    const redeliverAfterSeconds = this.#options.redeliverAfterSeconds();
    const failed = await invoke(this.#function, {
      Records: batch.map((message) => this.#record(message)),
    }).then(
      (result) => this.#failed(batch, result),
      () => batch,
    );
    if (this.#stopped) return;
    await queues.remove(
      this.arn,
      batch.filter((message) => !failed.includes(message)),
    );
    if (redeliverAfterSeconds !== undefined)
      await queues.showAgainAfter(this.arn, failed, redeliverAfterSeconds);
  }

  /** As Lambda reads the answer: an entry that names no message of the batch fails the whole batch. */
  #failed(batch: Message[], result: unknown): Message[] {
    if (!this.#partial) return [];
    const { batchItemFailures = [] } = (result ?? {}) as {
      batchItemFailures?: { itemIdentifier?: string }[] | null;
    };
    const failed = (batchItemFailures ?? []).map(({ itemIdentifier }) =>
      batch.find(({ MessageId }) => MessageId === itemIdentifier),
    );
    return failed.some((message) => !message) ? batch : failed.filter((message) => message !== undefined);
  }

  #record(message: Message): Record<string, unknown> {
    const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [
      name,
      {
        dataType: attribute.DataType,
        stringValue: attribute.StringValue,
        binaryValue: attribute.BinaryValue,
        stringListValues: [],
        binaryListValues: [],
      },
    ]);
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(attributes) as Record<string, unknown>,
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.arn,
      awsRegion: this.#options.region,
    };
  }
}
