import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineClient } from './engine-client.ts';
import { eventPattern } from './event-pattern.ts';
import type { Keep } from './keep.ts';
import type { Resource } from './template.ts';

/** A record as the stream and Lambda's event both write it. */
interface StreamRecord {
  eventID: string;
  eventName: string;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime: number };
}

export interface StreamPollerOptions {
  mapping: Resource;
  /** The engine, and the stream as the engine names it. */
  endpoint: string;
  streamArn: string;
  region: string;
  invoke: (functionRef: string, event: unknown) => Promise<unknown>;
  sendToQueue: (arn: string, body: string) => Promise<void>;
  keep: Keep;
}

// Writes through the front wake the poller; this finds the others.
const pollEveryMs = 250;
// A function seldom writes once: what it writes next comes along.
const gatherMs = 5;

/** An event source mapping from the table's stream to a function: in order, one batch at a time. */
export class StreamPoller {
  readonly #options: StreamPollerOptions;
  readonly #functionArn: string;
  readonly #eventSourceArn: string;
  readonly #batchSize: number;
  readonly #retriesMax: number;
  readonly #ageMaxSeconds: number;
  readonly #bisect: boolean;
  readonly #partial: boolean;
  readonly #onFailure: string | undefined;
  readonly #filters: ((record: unknown) => boolean)[];
  readonly #iterators = new Map<string, string>();
  readonly #seenShards = new Set<string>();
  /** Sequence number of the last record read of each shard. */
  readonly #reached: Map<string, string>;
  /** And of the last one that is done: where a stack that was killed goes on. */
  readonly #done: Map<string, string>;
  readonly #engine = new EngineClient();
  #wake: (() => void) | undefined;
  #stopped = false;
  #emptyPolls = 0;

  constructor(options: StreamPollerOptions) {
    const { properties } = options.mapping;
    this.#options = options;
    this.#functionArn = String(properties['FunctionName']);
    this.#eventSourceArn = String(properties['EventSourceArn']);
    this.#batchSize = Number(properties['BatchSize'] ?? 100);
    // Both -1 (forever) unless told.
    this.#retriesMax = unlimited(properties['MaximumRetryAttempts']);
    this.#ageMaxSeconds = unlimited(properties['MaximumRecordAgeInSeconds']);
    this.#bisect = properties['BisectBatchOnFunctionError'] === true;
    this.#partial = ((properties['FunctionResponseTypes'] ?? []) as string[]).includes(
      'ReportBatchItemFailures',
    );
    const destination = properties['DestinationConfig'] as
      | { OnFailure?: { Destination?: string } }
      | undefined;
    this.#onFailure = destination?.OnFailure?.Destination;
    const criteria = properties['FilterCriteria'] as { Filters?: { Pattern: string }[] } | undefined;
    const part = `stream of ${this.#functionArn}`;
    this.#done = options.keep.part(part, () => this.#done) ?? new Map<string, string>();
    this.#reached = new Map(this.#done);
    this.#filters = (criteria?.Filters ?? []).map(({ Pattern }) => eventPattern(JSON.parse(Pattern)));
  }

  /** How often the stream was found empty so far: two more than before means that all earlier writes are through. */
  get emptyPolls(): number {
    return this.#emptyPolls;
  }

  wake(): void {
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#engine.stop();
    this.#wake?.();
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      // The engine may be gone for a while; the stream goes on where it was. What failed found nothing out.
      const found = await this.#poll().catch(() => undefined);
      if (found !== undefined && found > 0) continue;
      if (found === 0) this.#emptyPolls += 1;
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const timer = setTimeout(woken.resolve, pollEveryMs);
    await woken.promise;
    clearTimeout(timer);
    if (!this.#stopped) await sleep(gatherMs);
  }

  async #poll(): Promise<number> {
    if (this.#iterators.size === 0) await this.#findShards();
    let found = 0;
    for (const [shardId, iterator] of this.#iterators) {
      const { Records: records = [], NextShardIterator: next } = await this.#call<{
        Records?: StreamRecord[];
        NextShardIterator?: string;
      }>('GetRecords', { ShardIterator: iterator }).catch(async (error: unknown) => {
        // The engine lets iterators of a quiet stream grow old when its other tables are written to.
        this.#iterators.set(shardId, await this.#iterator(shardId));
        throw error;
      });
      found += records.length;
      const last = records.at(-1)?.dynamodb.SequenceNumber;
      if (last !== undefined) this.#reached.set(shardId, last);
      await this.#work(shardId, records);
      if (last !== undefined && !this.#stopped) {
        this.#done.set(shardId, last);
        void this.#options.keep.commit();
      }
      if (next) this.#iterators.set(shardId, next);
      else this.#iterators.delete(shardId);
    }
    return found;
  }

  async #findShards(): Promise<void> {
    const { streamArn: StreamArn } = this.#options;
    const { StreamDescription: stream } = await this.#call<{
      StreamDescription: { Shards: { ShardId: string }[] };
    }>('DescribeStream', { StreamArn });
    for (const { ShardId } of stream.Shards.filter((shard) => !this.#seenShards.has(shard.ShardId))) {
      this.#iterators.set(ShardId, await this.#iterator(ShardId));
      this.#seenShards.add(ShardId);
    }
  }

  /** Begins behind the last record that was read. */
  async #iterator(ShardId: string): Promise<string> {
    const reached = this.#reached.get(ShardId);
    const { ShardIterator } = await this.#call<{ ShardIterator: string }>('GetShardIterator', {
      StreamArn: this.#options.streamArn,
      ShardId,
      ...(reached === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: reached }),
    });
    return ShardIterator;
  }

  async #work(shardId: string, records: readonly StreamRecord[]): Promise<void> {
    const wanted = records.filter(
      (record) => this.#filters.length === 0 || this.#filters.some((filter) => filter(record)),
    );
    for (let at = 0; at < wanted.length; at += this.#batchSize) {
      await this.#deliver(shardId, wanted.slice(at, at + this.#batchSize), 0);
    }
  }

  async #deliver(shardId: string, batch: readonly StreamRecord[], retries: number): Promise<void> {
    const [first] = batch;
    if (!first || this.#stopped) return;
    const rest = await this.#offer(batch);
    if (rest === undefined) return;
    if (rest === 'all' && this.#bisect && batch.length > 1) {
      // A split does not count as a retry.
      const middle = Math.ceil(batch.length / 2);
      await this.#deliver(shardId, batch.slice(0, middle), retries);
      await this.#deliver(shardId, batch.slice(middle), retries);
      return;
    }
    const undone = rest === 'all' ? batch : rest;
    const ageSeconds = Date.now() / 1000 - first.dynamodb.ApproximateCreationDateTime;
    if (retries >= this.#retriesMax || ageSeconds > this.#ageMaxSeconds) {
      await this.#giveUp(shardId, undone, retries + 1);
      return;
    }
    await sleep(Math.min(5_000, 100 * 2 ** retries), undefined, { ref: false });
    // What has got further than before starts its retries anew, as a new batch would.
    await this.#deliver(shardId, undone, undone.length < batch.length ? 0 : retries + 1);
  }

  /** What is left to do of the batch: undefined when nothing is, 'all' when the function failed as a whole. */
  async #offer(batch: readonly StreamRecord[]): Promise<readonly StreamRecord[] | 'all' | undefined> {
    const Records = batch.map((record) => ({
      ...record,
      awsRegion: this.#options.region,
      eventSourceARN: this.#eventSourceArn,
    }));
    let result: unknown;
    try {
      result = await this.#options.invoke(this.#functionArn, { Records });
    } catch {
      return 'all';
    }
    const { batchItemFailures } = (result ?? {}) as {
      batchItemFailures?: { itemIdentifier?: string }[] | null;
    };
    if (!this.#partial || !batchItemFailures || batchItemFailures.length === 0) return undefined;
    const places = batchItemFailures.map(({ itemIdentifier }) =>
      batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
    );
    const first = Math.min(...places);
    // Order is kept: everything from the first failure on comes again. Nothing done is a failure as a whole.
    return first <= 0 ? 'all' : batch.slice(first);
  }

  async #giveUp(shardId: string, batch: readonly StreamRecord[], invokeCount: number): Promise<void> {
    if (!this.#onFailure) return;
    const time = (record: StreamRecord | undefined) =>
      new Date((record?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
    const message = {
      requestContext: {
        requestId: randomUUID(),
        functionArn: this.#functionArn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: invokeCount,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: batch[0]?.dynamodb.SequenceNumber,
        endSequenceNumber: batch.at(-1)?.dynamodb.SequenceNumber,
        approximateArrivalOfFirstRecord: time(batch[0]),
        approximateArrivalOfLastRecord: time(batch.at(-1)),
        batchSize: batch.length,
        streamArn: this.#eventSourceArn,
      },
    };
    await this.#options.sendToQueue(this.#onFailure, JSON.stringify(message));
  }

  // By hand rather than with the SDK, which would turn the records out of the very form that functions get them in.
  #call<T>(operation: string, body: unknown): Promise<T> {
    const { endpoint, region } = this.#options;
    return this.#engine.ask(endpoint, { api: 'DynamoDBStreams_20120810', operation, region }, body);
  }
}

function unlimited(value: unknown): number {
  const number = Number(value ?? -1);
  return number < 0 ? Number.POSITIVE_INFINITY : number;
}
