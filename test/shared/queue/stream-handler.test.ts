import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import '#test/shared/quiet.ts';
import { type Change, streamHandler } from '#shared/queue/stream-handler.ts';

const change = (sequence: string, before?: object, after?: object) => ({
  dynamodb: {
    SequenceNumber: sequence,
    ...(before && { OldImage: marshall(before) }),
    ...(after && { NewImage: marshall(after) }),
  },
});
const event = (...records: object[]) => ({ Records: records });

test('changes come plain and in their order', async () => {
  const seen: Change[] = [];
  const handler = streamHandler(async (one) => {
    seen.push(one);
  });
  const answer = await handler(
    event(
      change('1', undefined, { n: 1, map: { a: [null, true] } }),
      change('2', { n: 1 }, { n: 2 }),
      change('3', { n: 2 }),
    ),
  );
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(seen).toEqual([
    { before: undefined, after: { n: 1, map: { a: [null, true] } } },
    { before: { n: 1 }, after: { n: 2 } },
    { before: { n: 2 }, after: undefined },
  ]);
});

test('at the first that fails the batch ends there, so that no change overtakes it', async () => {
  const seen: unknown[] = [];
  const handler = streamHandler(async ({ after }) => {
    if (after?.n === 2) throw new Error('queue is down');
    seen.push(after?.n);
  });
  const records = [1, 2, 3].map((n) => change(String(n), undefined, { n }));
  expect(await handler(event(...records))).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
  expect(seen).toEqual([1]);
});
