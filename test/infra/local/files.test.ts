import { createHash } from 'node:crypto';
import { request } from 'node:http';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, expect, test } from 'vitest';
import { Clock } from '#infra/local/clock.ts';
import { Files } from '#infra/local/files.ts';
import { Permissions } from '#infra/local/iam.ts';
import { secretAccessKey } from '#infra/local/signature.ts';
import { resolveTemplates } from '#infra/local/template.ts';
import { Trace } from '#infra/local/trace.ts';
import { functionResources } from '#test/support/fixture-assembly.ts';

const day = 86_400_000;
const clock = new Clock();
const trace = new Trace();
const files = new Files(trace, clock);
await files.start();
const role = (name: string, actions: string[]) =>
  functionResources(name, {
    code: '',
    statements: [
      {
        Effect: 'Allow',
        Action: actions,
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '/in/*']] },
      },
    ],
  });
const resources = resolveTemplates(
  [
    {
      name: 'app',
      template: {
        Resources: {
          ...role('writer', ['s3:PutObject', 's3:DeleteObject']),
          ...role('reader', ['s3:GetObject']),
          Bucket: {
            Type: 'AWS::S3::Bucket',
            Properties: {
              LifecycleConfiguration: {
                Rules: [{ Status: 'Enabled', Prefix: 'in/short/', ExpirationInDays: 2 }],
              },
            },
          },
        },
      },
    },
  ],
  { region: 'us-east-1', account: '000000000000', queueEndpoint: '', apiUrl: '', tableSuffix: '' },
);
const roleArnOf = (name: string) =>
  resources.find(({ type, logicalId }) => type === 'AWS::IAM::Role' && logicalId.startsWith(name))?.arn ?? '';
files.connect({
  permissions: new Permissions(resources),
  resources,
  caller: (accessKeyId) =>
    ['writer', 'reader'].includes(accessKeyId)
      ? {
          functionId: accessKeyId,
          functionName: accessKeyId,
          invocationId: 'one',
          roleArn: roleArnOf(accessKeyId),
          roleName: accessKeyId,
        }
      : undefined,
});
const clients: S3Client[] = [];
afterAll(async () => {
  for (const client of clients) client.destroy();
  await files.stop();
});

function clientOf(accessKeyId: string, secret = secretAccessKey): S3Client {
  const client = new S3Client({
    endpoint: files.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: secret },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}
const writer = clientOf('writer');
const reader = clientOf('reader');
const at = (Key: string) => ({ Bucket: 'app-bucket', Key });
const put = (Key: string, Body: string, more = {}) =>
  writer.send(new PutObjectCommand({ ...at(Key), Body, ContentType: 'text/plain', ...more }));
const get = async (Key: string) =>
  (await reader.send(new GetObjectCommand(at(Key)))).Body?.transformToString();

test('a file is stored, read, replaced and deleted', async () => {
  await put('in/a b+c.txt', 'one');
  await put('in/a b+c.txt', 'twö');
  expect(await get('in/a b+c.txt')).toBe('twö');
  const head = await reader.send(new HeadObjectCommand(at('in/a b+c.txt')));
  expect(head).toMatchObject({ ContentLength: 4, ContentType: 'text/plain' });
  await writer.send(new DeleteObjectCommand(at('in/a b+c.txt')));
  await expect(get('in/a b+c.txt')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('roles are enforced, folder by folder', async () => {
  await put('in/secret', 'x');
  const denied = { $metadata: { httpStatusCode: 403 } };
  await expect(put('out/secret', 'x')).rejects.toMatchObject(denied);
  await expect(writer.send(new GetObjectCommand(at('in/secret')))).rejects.toMatchObject(denied);
  await expect(reader.send(new DeleteObjectCommand(at('in/secret')))).rejects.toMatchObject(denied);
  await expect(
    reader.send(new GetObjectCommand({ Bucket: 'another', Key: 'in/secret' })),
  ).rejects.toMatchObject(denied);
  await expect(clientOf('stranger').send(new GetObjectCommand(at('in/secret')))).rejects.toMatchObject({
    name: 'InvalidAccessKeyId',
  });
  await expect(
    clientOf('reader', 'guessed').send(new GetObjectCommand(at('in/secret'))),
  ).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
});

test('a file that does not match its checksum is refused', async () => {
  const ChecksumSHA256 = createHash('sha256').update('another').digest('base64');
  await expect(put('in/wrong', 'x', { ChecksumSHA256 })).rejects.toMatchObject({ name: 'BadDigest' });
  await expect(get('in/wrong')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('a presigned address needs no header, and serves with the rights of whoever made it', async () => {
  await put('in/shared', 'for you');
  const command = new GetObjectCommand({
    ...at('in/shared'),
    ResponseContentDisposition: 'attachment; filename="it\'s (1).txt"',
  });
  const url = await getSignedUrl(reader, command, { expiresIn: 60 });
  const response = await fetch(url);
  expect(await response.text()).toBe('for you');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="it\'s (1).txt"');
  const forbidden = await getSignedUrl(writer, command, { expiresIn: 60 });
  expect((await fetch(forbidden)).status).toBe(403);
  expect((await fetch(`${files.endpoint}/app-bucket/in/shared`)).status).toBe(403);
});

test('a lifecycle rule makes files disappear in its folder alone', async () => {
  await put('in/short/a', 'x');
  await put('in/long', 'x');
  clock.set(new Date(Date.now() + 2 * day + 1000));
  await expect(get('in/short/a')).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(await get('in/long')).toBe('x');
});

test('an upload that breaks off leaves what was there', async () => {
  await put('in/kept', 'whole');
  const url = await getSignedUrl(writer, new PutObjectCommand(at('in/kept')), { expiresIn: 60 });
  const upload = request(url, { method: 'PUT', headers: { 'content-length': 100 } });
  const broken = new Promise((resolve) => upload.on('error', resolve));
  upload.write('half');
  setTimeout(() => upload.destroy(new Error('broken off')), 20);
  await broken;
  expect(await get('in/kept')).toBe('whole');
});

test('what functions ask is in the trace', async () => {
  trace.reset();
  await put('in/traced', 'x');
  expect(trace.calls('writer')).toMatchObject([
    { service: 's3', action: 's3:PutObject', invocationId: 'one' },
  ]);
});
