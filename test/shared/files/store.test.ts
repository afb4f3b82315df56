import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, expect, test, vi } from 'vitest';
import { connectFiles } from '#shared/files/store.ts';

// A folder of its own, since other tests run beside this one.
const folder = mkdtempSync(join(tmpdir(), 'store-'));
vi.stubEnv('TMPDIR', folder);

const received: { method: string; url: string; headers: Record<string, unknown>; body: Buffer }[] = [];
let status = 200;
const server = createServer(async (request, response) => {
  const body = await buffer(request);
  received.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
  response.writeHead(status).end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new S3Client({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  maxAttempts: 1,
});
afterAll(() => {
  // The files that follow in this process have their own.
  vi.unstubAllEnvs();
  client.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});
const files = connectFiles('bucket', client);
const left = () => readdirSync(folder);

test('a file is sent whole, with its length and checksum, and nothing is left on the disk', async () => {
  const content = Readable.from([Buffer.from('three '), 'tönes']);
  expect(await files.put('recordings/one', { content, contentType: 'audio/mpeg', bytes: 12 })).toBe(12);
  const [{ method, url, headers, body }] = received.splice(0) as [(typeof received)[0]];
  expect([method, url.split('?')[0], body.toString()]).toEqual([
    'PUT',
    '/bucket/recordings/one',
    'three tönes',
  ]);
  expect(headers).toMatchObject({
    'content-length': '12',
    'content-type': 'audio/mpeg',
    'x-amz-checksum-sha256': createHash('sha256').update('three tönes').digest('base64'),
  });
  expect(headers['content-encoding']).toBeUndefined();
  expect(left()).toEqual([]);
});

test('a file that is cut short is not stored', async () => {
  const cut = { content: Readable.from(['half']), contentType: 'audio/mpeg', bytes: 8 };
  await expect(files.put('recordings/one', cut)).rejects.toThrow('has 4 bytes, not 8');
  async function* breaking() {
    yield 'half';
    throw new Error('the connection broke');
  }
  const broken = { content: Readable.from(breaking()), contentType: 'audio/mpeg' };
  await expect(files.put('recordings/one', broken)).rejects.toThrow('the connection broke');
  expect(received).toEqual([]);
  expect(left()).toEqual([]);
});

test('a file is deleted by its key', async () => {
  await files.remove('recordings/one');
  expect(received.splice(0).map(({ method, url }) => [method, url.split('?')[0]])).toEqual([
    ['DELETE', '/bucket/recordings/one'],
  ]);
});

test('a bucket that refuses fails the upload and the deletion', async () => {
  status = 403;
  const file = { content: Readable.from(['x']), contentType: 'text/csv' };
  await expect(files.put('exports/one', file)).rejects.toThrow();
  await expect(files.remove('recordings/one')).rejects.toThrow();
  expect(left()).toEqual([]);
});
