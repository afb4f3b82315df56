import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { type Change, streamHandler } from '#shared/queue/stream-handler.ts';

const change = (sequence: string, before?: object, after?: object) => ({
  dynamodb: {
    SequenceNumber: sequence,
    ...(before && { OldImage: marshall(before) }),
    ...(after && { NewImage: marshall(after) }),
  },
});
const event = (...records: object[]) => ({ Records: records });
const three = [1, 2, 3].map((n) => change(String(n), undefined, { n }));

/** Two messages of each change; the changes of `broken` break it. */
const twoOf =
  (broken?: number) =>
  ({ after }: Change) => {
    if (after?.n === broken) throw new Error('nothing follows from this');
    return [`${String(after?.n)}a`, `${String(after?.n)}b`];
  };

test('changes come plain and in their order', async () => {
  const seen: Change[] = [];
  const handler = streamHandler(
    (one) => {
      seen.push(one);
      return [];
    },
    async () => undefined,
  );
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

test('what follows from a batch is passed on at once, in its order', async () => {
  const passedOn: string[][] = [];
  const handler = streamHandler(twoOf(), async (messages) => void passedOn.push(messages));
  expect(await handler(event(...three))).toEqual({ batchItemFailures: [] });
  expect(passedOn).toEqual([['1a', '1b', '2a', '2b', '3a', '3b']]);
});

test('a change from which nothing can be derived ends the batch there; what came before it is passed on', async () => {
  const passedOn: string[][] = [];
  const handler = streamHandler(twoOf(2), async (messages) => void passedOn.push(messages));
  expect(await handler(event(...three))).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
  expect(passedOn).toEqual([['1a', '1b']]);
});

test.each([undefined, 2])(
  'when passing on fails the whole batch comes again (broken change: %s)',
  async (broken) => {
    const handler = streamHandler(twoOf(broken), async () => {
      throw new Error('queue is down');
    });
    expect(await handler(event(...three))).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  },
);
