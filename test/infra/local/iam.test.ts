import { expect, inject, test } from 'vitest';
import { Permissions } from '#infra/local/iam.ts';
import { resolveTemplates } from '#infra/local/template.ts';
import { awsCall, fixtureAssembly, fixtureTable, functionResources } from '#test/support/fixture-assembly.ts';
import { testStack } from '#test/support/test-stack.ts';

const ask = `${awsCall} exports.handler = async ({ target, body, service }) =>
  !target ? process.env : aws(target, body, service === 'other' ? process.env.AWS_ENDPOINT_URL_SQS : undefined);`;
const tableArn = { 'Fn::GetAtt': ['Table', 'Arn'] };
const indexArn = { 'Fn::Join': ['', [tableArn, '/index/gsi1']] };
const numbersOnly = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['NUMBER#*'] } };
const assembly = await fixtureAssembly(
  {
    reader: {
      code: ask,
      environment: { TABLE_NAME: { Ref: 'Table' }, QUEUE_URL: { Ref: 'Queue' }, SECRET: { Ref: 'Secret' } },
      statements: [
        {
          Effect: 'Allow',
          Action: [
            'dynamodb:GetItem',
            'dynamodb:Query',
            'dynamodb:BatchGetItem',
            'dynamodb:ConditionCheckItem',
          ],
          Resource: [tableArn, indexArn],
          Condition: numbersOnly,
        },
      ],
    },
    worker: {
      code: ask,
      statements: [
        { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: tableArn, Condition: numbersOnly },
        { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
        { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: { Ref: 'Secret' } },
      ],
    },
  },
  {
    Table: fixtureTable,
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 'some/secret', SecretString: '{"a":"b"}' },
    },
  },
  inject('runFolder'),
);
const stack = await testStack({ assembly });
const { TABLE_NAME, QUEUE_URL, SECRET } = (await stack.invoke('reader', {})) as Record<
  'TABLE_NAME' | 'QUEUE_URL' | 'SECRET',
  string
>;

interface Answer {
  status: number;
  body: Record<string, unknown>;
}
const table = (as: string, operation: string, body: object) =>
  stack.invoke(as, {
    target: `DynamoDB_20120810.${operation}`,
    body: { TableName: TABLE_NAME, ...body },
  }) as Promise<Answer>;
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: '-' } });
const query = (pk: string, index?: string) => ({
  ...(index && { IndexName: index }),
  KeyConditionExpression: '#p = :p',
  ExpressionAttributeNames: { '#p': index ? `${index}pk` : 'pk' },
  ExpressionAttributeValues: { ':p': { S: pk } },
});

test('what the role allows passes', async () => {
  expect((await table('worker', 'PutItem', { Item: key('NUMBER#1') })).status).toBe(200);
  expect((await table('reader', 'GetItem', { Key: key('NUMBER#1') })).body['Item']).toEqual(key('NUMBER#1'));
  expect((await table('reader', 'Query', query('NUMBER#1'))).body['Count']).toBe(1);
  expect((await table('reader', 'Query', query('NUMBER#1', 'gsi1'))).status).toBe(200);
});

test('an action that the role lacks is denied in AWS’s words', async () => {
  const { status, body } = await table('reader', 'PutItem', { Item: key('NUMBER#2') });

  expect(status).toBe(400);
  expect(body['__type']).toContain('AccessDeniedException');
  expect(body['message']).toMatch(
    /^User: arn:aws:sts::000000000000:assumed-role\/\S+\/reader is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:\S+ because no identity-based policy allows the dynamodb:PutItem action$/,
  );
  expect((await table('reader', 'GetItem', { Key: key('NUMBER#2') })).body['Item']).toBeUndefined();
});

test.each([
  ['GetItem', { Key: key('CALL#1') }],
  ['Query', query('CALL#1')],
  ['Query', query('CALL#1', 'gsi1')],
  ['Scan', {}],
])('%s of a partition that is not granted is denied', async (operation, body) => {
  expect((await table('reader', operation, body)).body['message']).toMatch(/not authorized/);
});

test('one foreign key among good ones is enough to be denied', async () => {
  const batch = (keys: string[]) =>
    stack.invoke('reader', {
      target: 'DynamoDB_20120810.BatchGetItem',
      body: { RequestItems: { [TABLE_NAME]: { Keys: keys.map(key) } } },
    }) as Promise<Answer>;

  expect((await batch(['NUMBER#1', 'NUMBER#2'])).status).toBe(200);
  expect((await batch(['NUMBER#1', 'CALL#1'])).body['message']).toMatch(/not authorized.*BatchGetItem/);
});

test('each part of a transaction needs its own permission', async () => {
  const put = { Put: { TableName: TABLE_NAME, Item: key('NUMBER#3') } };
  const check = {
    ConditionCheck: {
      TableName: TABLE_NAME,
      Key: key('NUMBER#4'),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
  const transact = (as: string, items: object[]) =>
    stack.invoke(as, {
      target: 'DynamoDB_20120810.TransactWriteItems',
      body: { TransactItems: items },
    }) as Promise<Answer>;

  expect((await transact('worker', [put])).status).toBe(200);
  expect((await transact('worker', [put, check])).body['message']).toMatch(/dynamodb:ConditionCheckItem/);
  expect((await transact('reader', [check])).status).toBe(200);
});

test('queues and secrets are for those who are granted them', async () => {
  const send = {
    target: 'AmazonSQS.SendMessage',
    service: 'other',
    body: { QueueUrl: QUEUE_URL, MessageBody: 'x' },
  };
  const read = { target: 'secretsmanager.GetSecretValue', service: 'other', body: { SecretId: SECRET } };

  expect((await stack.invoke('worker', send)) as Answer).toMatchObject({ status: 200 });
  expect((await stack.invoke('worker', read)) as Answer).toMatchObject({
    body: { SecretString: '{"a":"b"}' },
  });
  expect(JSON.stringify(await stack.invoke('reader', send))).toMatch(
    /not authorized to perform: sqs:SendMessage/,
  );
  expect(JSON.stringify(await stack.invoke('reader', read))).toMatch(/not authorized/);
});

test('every call is in the trace of the function that made it, with what it read', async () => {
  stack.trace.reset();
  await table('reader', 'Query', query('NUMBER#1'));

  const calls = stack.trace.calls('reader');

  expect(calls).toMatchObject([{ service: 'dynamodb', action: 'dynamodb:Query', itemsRead: 1 }]);
  expect(calls[0]?.invocationId).not.toBe('');
  expect(stack.trace.calls('worker')).toEqual([]);
});

test('a paused table refuses connections until it is resumed', async () => {
  await stack.pauseTable();
  const refused = table('reader', 'GetItem', { Key: key('NUMBER#1') });
  await expect(refused).rejects.toThrow(/fetch failed/);

  await stack.resumeTable();
  expect((await table('reader', 'GetItem', { Key: key('NUMBER#1') })).status).toBe(200);
});

test('a policy that the local stack cannot judge is an error at start', () => {
  const statements = [
    {
      Effect: 'Allow',
      Action: 'dynamodb:GetItem',
      Resource: '*',
      Condition: { StringEquals: { 'dynamodb:Select': 'COUNT' } },
    },
  ];
  const template = { Resources: functionResources('odd', { code: '', statements }) };
  const world = {
    region: 'us-east-1',
    account: '000000000000',
    queueEndpoint: '',
    apiUrl: '',
    tableSuffix: '',
  };
  const resources = resolveTemplates([{ name: 'app', template }], world);

  expect(() => new Permissions(resources)).toThrow(/oddRole.*StringEquals on dynamodb:Select/);
});
