import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { signaturesOf } from '#shared/platform-events/signature.ts';
import { platformWebhook } from '#shared/platform-events/webhook.ts';
import { fakeSecrets } from '#test/shared/fake-secrets.ts';
import { isDeep } from '#test/support/depth.ts';
import { anEvent, recordedAt } from './stored-event.ts';

const key = `whsec_${Buffer.from('a key of twenty-four bytes').toString('base64')}`;
const secrets = await fakeSecrets();
const requests: { path: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];
let answer: (response: ServerResponse) => void;
const server = createServer(async (request, response) => {
  requests.push({ path: request.url, headers: request.headers, body: await text(request) });
  answer(response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
afterAll(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  requests.length = 0;
  answer = (response) => response.writeHead(200).end('taken');
  vi.stubEnv('PLATFORM_WEBHOOK_URL', url);
  vi.stubEnv('PLATFORM_WEBHOOK_EVENTS', 'call.completed,call.missed');
  vi.stubEnv('PLATFORM_SECRET_ID', secrets.add({ webhookKey: key }));
});

test('an event is sent signed, with its id and time', async () => {
  const attempt = await platformWebhook().send(anEvent(), recordedAt);
  expect(attempt).toEqual({
    at: recordedAt.toISOString(),
    status: 200,
    error: null,
    milliseconds: expect.any(Number),
  });
  const [request] = requests;
  const unix = recordedAt.getTime() / 1000;
  expect(request?.path).toBe('/events');
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': anEvent().id,
    'webhook-timestamp': String(unix),
    'webhook-signature': signaturesOf([key], anEvent().id, unix, request?.body ?? ''),
  });
  expect(JSON.parse(request?.body ?? '')).toMatchObject({ id: anEvent().id, sequence: 1 });
});

test('a redirect is not followed', async () => {
  answer = (response) => response.writeHead(307, { location: `${url}/elsewhere` }).end();
  expect(await platformWebhook().send(anEvent(), recordedAt)).toMatchObject({
    status: 307,
    error: 'it redirects, which is not followed',
  });
  expect(requests).toHaveLength(1);
});

test('a receiver that hangs is given up after 5 s', { timeout: 10_000 }, async () => {
  answer = () => undefined;
  // They pass in a twentieth of a second, unless it is tried in full.
  const { timeout } = AbortSignal;
  if (!isDeep)
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout.call(AbortSignal, ms / 100));
  const attempt = await platformWebhook().send(anEvent(), recordedAt);
  expect(attempt).toMatchObject({ status: null, error: 'no answer within 5 s' });
  expect(attempt.milliseconds).toBeGreaterThan(isDeep ? 4500 : 45);
});

test('a receiver that talks without end is believed by its status', async () => {
  answer = (response) => {
    response.writeHead(202);
    const talk = setInterval(() => response.write('x'.repeat(10_000)), 5);
    response.on('close', () => clearInterval(talk));
  };
  const attempt = await platformWebhook().send(anEvent(), recordedAt);
  expect(attempt).toMatchObject({ status: 202, error: null });
  expect(attempt.milliseconds).toBeLessThan(2000);
});

test('a receiver that is not there is told by what the network says', async () => {
  vi.stubEnv('PLATFORM_WEBHOOK_URL', 'http://127.0.0.1:9/events');
  const attempt = await platformWebhook().send(anEvent(), recordedAt);
  expect(attempt.status).toBeNull();
  expect(attempt.error).toMatch(/ECONNREFUSED|bad port/);
});

test('without a key nothing is sent', async () => {
  vi.stubEnv('PLATFORM_SECRET_ID', secrets.add({}));
  expect(await platformWebhook().send(anEvent(), recordedAt)).toMatchObject({
    status: null,
    error: 'the platform secret holds no webhookKey',
  });
  expect(requests).toEqual([]);
});

test('a stage tells what it lists, and nothing without a platform', () => {
  expect(platformWebhook().wants('call.missed')).toBe(true);
  expect(platformWebhook().wants('payment.received')).toBe(false);
  vi.stubEnv('PLATFORM_WEBHOOK_URL', '');
  expect(platformWebhook().isOn).toBe(false);
  expect(platformWebhook().wants('call.missed')).toBe(false);
});
