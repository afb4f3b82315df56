import type { SQSEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { consumer } from '#shared/queue/consumer.ts';
import { queueBatchHandler, queueHandler } from '#shared/queue/handler.ts';

const work = () =>
  consumer({
    source: 'queue',
    queue: 'callFacts',
    summary: 'Work',
    message: z.object({ callId: z.string().min(1) }),
    grants: [],
    timeoutSeconds: 1,
    receivesMax: 1,
    batchSize: 10,
    impact: 'None.',
  });

const event = (...bodies: unknown[]) =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  }) as unknown as SQSEvent;
const failed = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});
const messages = (...ids: string[]) => ids.map((callId) => ({ callId }));

test('poison among good ones fails alone: what is no JSON, what has another shape, what the work throws on', async () => {
  const done: string[] = [];
  const handler = queueHandler(work, async ({ callId }) => {
    if (callId === 'bad') throw new Error('bad');
    done.push(callId);
  });
  const batch = event(
    ...messages('a'),
    '{',
    { callId: 7 },
    ...messages('bad', 'b'),
    'null',
    '',
    ...messages('c'),
  );
  expect(await handler(batch)).toEqual(failed('m1', 'm2', 'm3', 'm5', 'm6'));
  expect(done).toEqual(['a', 'b', 'c']);
});

test('messages are worked on in their order, one after the other', async () => {
  const log: string[] = [];
  const handler = queueHandler(work, async ({ callId }) => {
    log.push(`${callId} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${callId} ends`);
  });
  expect(await handler(event(...messages('a', 'b')))).toEqual(failed());
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a batch is worked on at once', async () => {
  const batches: string[][] = [];
  const handler = queueBatchHandler(work, async (all) => {
    batches.push(all.map(({ callId }) => callId));
  });
  expect(await handler(event(...messages('a', 'b', 'c')))).toEqual(failed());
  expect(batches).toEqual([['a', 'b', 'c']]);
});

test('a batch with poison is worked on one by one, and only the poison fails', async () => {
  const done: string[] = [];
  const handler = queueBatchHandler(work, async (all) => {
    if (all.some(({ callId }) => callId === 'bad')) throw new Error('bad');
    done.push(...all.map(({ callId }) => callId));
  });
  expect(await handler(event(...messages('a', 'bad', 'b')))).toEqual(failed('m1'));
  expect(done).toEqual(['a', 'b']);
  expect(await handler(event(...messages('c'), 'not json', ...messages('d')))).toEqual(failed('m1'));
  expect(done).toEqual(['a', 'b', 'c', 'd']);
});

test('a batch that fails for a moment is done message by message', async () => {
  let tries = 0;
  const handler = queueBatchHandler(work, async () => {
    if (++tries === 1) throw new Error('conflict');
  });
  expect(await handler(event(...messages('a', 'b')))).toEqual(failed());
});

test('an empty batch is no failure', async () => {
  expect(await queueHandler(work, async () => {})(event())).toEqual(failed());
  expect(await queueBatchHandler(work, async () => {})(event())).toEqual(failed());
});
