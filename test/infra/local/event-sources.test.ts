import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { awsCall, fixtureAssembly, fixtureTable } from '#test/support/fixture-assembly.ts';
import { testStack } from '#test/support/test-stack.ts';

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const allow = (action: string[], logicalId: string) => ({
  Effect: 'Allow',
  Action: action,
  Resource: arn(logicalId),
});
const source = (properties: Record<string, unknown>) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { FunctionResponseTypes: ['ReportBatchItemFailures'], ...properties },
});
const queue = (name: string, properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName: name, ...properties },
});

const assembly = await fixtureAssembly(
  {
    // Puts an item, or sends a message.
    writer: {
      environment: { TABLE_NAME: { Ref: 'Table' }, QUEUE_URL: { Ref: 'Work' } },
      statements: [allow(['dynamodb:PutItem'], 'Table'), allow(['sqs:SendMessage'], 'Work')],
      code: `${awsCall} exports.handler = async ({ items = [], messages = [] }) => {
        for (const { pk, entity } of items) {
          await aws('DynamoDB_20120810.PutItem',
            { TableName: process.env.TABLE_NAME, Item: { pk: { S: pk }, sk: { S: '-' }, entity: { S: entity } } });
        }
        for (const body of messages) {
          await aws('AmazonSQS.SendMessage', { QueueUrl: process.env.QUEUE_URL, MessageBody: body },
            process.env.AWS_ENDPOINT_URL_SQS);
        }
      };`,
    },
    // Fails what says "poison", all of it when something says "crash".
    worker: {
      code: `exports.handler = async ({ Records }) => {
        console.log(JSON.stringify(Records.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount])));
        if (Records.some(({ body }) => body === 'crash')) throw new Error('crashed');
        return { batchItemFailures: Records.filter(({ body }) => body === 'poison')
          .map(({ messageId }) => ({ itemIdentifier: messageId })) };
      };`,
    },
    burier: {
      code: `exports.handler = async ({ Records }) => console.log(JSON.stringify(Records.map(({ body }) => body)));`,
    },
    // The same for stream records.
    relay: {
      code: `exports.handler = async ({ Records }) => {
        const names = Records.map(({ dynamodb }) => dynamodb.Keys.pk.S);
        console.log(JSON.stringify(names));
        if (names.includes('crash')) throw new Error('crashed');
        const failed = Records.find(({ dynamodb }) => dynamodb.Keys.pk.S === 'poison');
        return { batchItemFailures: failed ? [{ itemIdentifier: failed.dynamodb.SequenceNumber }] : [] };
      };`,
    },
    undertaker: {
      code: `exports.handler = async ({ Records }) => console.log(Records[0].body);`,
    },
    timer: { code: `exports.handler = async (event) => ({ ran: event });` },
  },
  {
    Table: fixtureTable,
    Work: queue('work', {
      VisibilityTimeout: 30,
      RedrivePolicy: { deadLetterTargetArn: arn('Buried'), maxReceiveCount: 3 },
    }),
    Buried: queue('buried'),
    Undelivered: queue('undelivered'),
    WorkSource: source({ EventSourceArn: arn('Work'), FunctionName: { Ref: 'worker' }, BatchSize: 10 }),
    BuriedSource: source({ EventSourceArn: arn('Buried'), FunctionName: arn('burier') }),
    UndeliveredSource: source({ EventSourceArn: arn('Undelivered'), FunctionName: { Ref: 'undertaker' } }),
    StreamSource: source({
      EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      FunctionName: { Ref: 'relay' },
      StartingPosition: 'LATEST',
      BatchSize: 10,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2,
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"entity":{"S":["call"]}}}}' }] },
      DestinationConfig: { OnFailure: { Destination: arn('Undelivered') } },
    }),
    Hourly: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: 'cron(0 9 ? * MON-FRI *)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: arn('timer'), RoleArn: 'any', Input: '{"why":"schedule"}' },
      },
    },
  },
  inject('runFolder'),
);
const stack = await testStack({ assembly, redeliverAfterSeconds: 0 });
const printed = (functionId: string) => stack.logs(functionId).map((line) => JSON.parse(line) as unknown);
/** What was printed since `mark`, without what a failing function adds to its log. */
const since = (functionId: string, mark: number) =>
  stack
    .logs(functionId)
    .slice(mark)
    .filter((line) => !line.includes('"level":"ERROR"'))
    .map((line) => JSON.parse(line) as unknown[]);

test('a poison message goes to the dead letters after its receives, the good ones beside it once', async () => {
  await stack.invoke('writer', { messages: ['good', 'poison', 'fine'] });
  await stack.idle();

  const seen = since('worker', 0).flat();
  expect(seen.filter((one) => (one as string[])[0] !== 'poison')).toEqual([
    ['good', '1'],
    ['fine', '1'],
  ]);
  expect(seen.filter((one) => (one as string[])[0] === 'poison').map((one) => (one as string[])[1])).toEqual([
    '1',
    '2',
    '3',
  ]);
  expect(printed('burier')).toEqual([['poison']]);
});

test('a worker that throws gets its whole batch again', async () => {
  const mark = stack.logs('worker').length;
  await stack.invoke('writer', { messages: ['crash'] });
  await stack.idle();

  expect(since('worker', mark)).toEqual([[['crash', '1']], [['crash', '2']], [['crash', '3']]]);
  expect(printed('burier').flat()).toContain('crash');
});

test('the stream brings what its filter lets through, in order', async () => {
  await stack.invoke('writer', {
    items: [
      { pk: 'CALL#1', entity: 'call' },
      { pk: 'NUMBER#1', entity: 'number' },
      { pk: 'CALL#2', entity: 'call' },
    ],
  });
  await stack.idle();

  expect(since('relay', 0).flat()).toEqual(['CALL#1', 'CALL#2']);
});

test('a record that fails is retried, holds the later ones back meanwhile, and ends with its destination', async () => {
  const mark = stack.logs('relay').length;
  await stack.invoke('writer', { items: ['a', 'poison', 'b'].map((pk) => ({ pk, entity: 'call' })) });
  await stack.idle();

  const seen = since('relay', mark).flat();
  // Alone, or after it was split off from what came behind it.
  expect(seen.filter((name) => name === 'poison').length).toBeGreaterThanOrEqual(3);
  expect(seen.filter((name) => name === 'a')).toHaveLength(1);
  expect(seen.at(-1)).toBe('b');
  expect(printed('undertaker').at(-1)).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted' },
    DDBStreamBatchInfo: { batchSize: 1 },
  });
});

test('a batch that crashes the function is split until the culprit is alone', async () => {
  const mark = stack.logs('relay').length;
  await stack.invoke('writer', { items: ['c', 'crash', 'd', 'e'].map((pk) => ({ pk, entity: 'call' })) });
  await stack.idle();

  const seen = since('relay', mark);
  expect(seen.filter((batch) => !batch.includes('crash')).flat()).toEqual(['c', 'd', 'e']);
  // Once and two retries; what came before, with others in the batch, does not count.
  expect(seen.filter((batch) => batch.join() === 'crash')).toHaveLength(3);
  expect(printed('undertaker').at(-1)).toMatchObject({ DDBStreamBatchInfo: { batchSize: 1 } });
});

test('a schedule runs on demand with its input', async () => {
  expect(await stack.runSchedule('timer')).toEqual({ ran: { why: 'schedule' } });
  await expect(stack.runSchedule('nobody')).rejects.toThrow('nobody');
});

test('idle says what is still busy', async () => {
  const busy = stack.invoke('writer', { messages: Array.from({ length: 20 }, () => 'good') });
  await sleep(1);

  await expect(stack.idle(0)).rejects.toThrow(/still busy.*writer|still busy.*messages/);
  await busy;
  await stack.idle();
});
