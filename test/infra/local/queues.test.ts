import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { QueuePoller, Queues } from '#infra/local/queues.ts';
import { resolveTemplates } from '#infra/local/template.ts';

const world = {
  region: 'us-east-1',
  account: '000000000000',
  queueEndpoint: 'http://127.0.0.1:9',
  apiUrl: '',
  tableSuffix: '',
};

test.each([
  [{ MaximumConcurrency: 2 }, 2],
  [{ MaximumConcurrency: 1000 }, 4],
  [undefined, 4],
])('a queue with %j is worked on by so many functions at once: %i', async (ScalingConfig, atOnceMax) => {
  const resources = resolveTemplates(
    [
      {
        name: 'app',
        template: {
          Resources: {
            Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
            Source: {
              Type: 'AWS::Lambda::EventSourceMapping',
              Properties: { EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] }, BatchSize: 1, ScalingConfig },
            },
          },
        },
      },
    ],
    world,
  );
  const mapping = resources.find(({ logicalId }) => logicalId === 'Source');
  const work = resources.find(({ logicalId }) => logicalId === 'Work');
  if (!mapping || !work) throw new Error('the template lost something');
  const queues = new Queues(world);
  await queues.create(resources);
  for (const body of ['1', '2', '3', '4', '5', '6']) await queues.send(work.arn, body);
  let running = 0;
  const seen: number[] = [];
  const poller = new QueuePoller({
    mapping,
    queues,
    region: world.region,
    invoke: async () => {
      seen.push(++running);
      await sleep(20);
      running--;
    },
    hurried: () => true,
    redeliverAfterSeconds: () => undefined,
  });

  const polling = poller.run();
  await vi.waitFor(() => expect([seen.length, running]).toEqual([6, 0]));
  poller.stop();
  await queues.stop();
  await polling;

  expect(Math.max(...seen)).toBe(atOnceMax);
});
