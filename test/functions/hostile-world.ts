import { createHash } from 'node:crypto';
import { ClientRequest, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import { startTwilio, type TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import { publicBaseUrl } from '#test/shared/twilio/signed-event.ts';
import { testTable } from '#test/support/test-table.ts';
import { secrets } from './canaries.ts';
import { setHandlerEnvironment } from './handler-environment.ts';

export const services = ['table', 'secrets', 'queues', 'files', 'twilio', 'tipjar', 'platform'] as const;
export type Service = (typeof services)[number];

export const modes = ['hang', 'reset', '400', '401', '403', '404', '429', '500', 'html', 'empty'] as const;
export type Mode = (typeof modes)[number];

/** Which service fails, how, and after how many requests that it still serves. */
export interface Fault {
  service: Service;
  mode: Mode;
  skip: number;
}

/** Everything that functions talk to, on this machine; one service at a time fails, and then quotes what it was asked. */
export interface HostileWorld {
  tableName: string;
  tableEndpoint: string;
  twilio: TwilioSimulator;
  /** From now on; undefined heals. Answers what was asked of whom since the last time. */
  fail(fault: Fault | undefined): { asked: Set<Service>; failed: number; wrote: boolean };
}

export async function hostileWorld(): Promise<HostileWorld> {
  const { tableName, endpoint } = await testTable();
  const hooks = { setClock: () => {}, runSchedule: () => Promise.resolve() };
  const twilio = await startTwilio({ port: 0, controlPort: 0, clock: { now: () => new Date() }, hooks });
  afterAll(() => twilio.stop());
  const hurry = hurried();

  let fault: Fault | undefined;
  let seen = { asked: new Set<Service>(), failed: 0, wrote: false };
  let generation = 0;

  const serve = (service: Service, well: Answerer) =>
    listen(async (request, response) => {
      const body = await text(request);
      seen.asked.add(service);
      if (service === 'table' && !/Get|Query/.test(String(request.headers['x-amz-target'])))
        seen.wrote = true;
      if (fault?.service === service && fault.skip-- <= 0) {
        seen.failed += 1;
        return misbehave(fault.mode, service, request, body, response);
      }
      return well(request, body, response);
    });

  const held: Record<string, Record<string, string>> = {
    TWILIO: {
      accountSid: twilio.accountSid,
      authToken: twilio.authToken,
      nextAuthToken: secrets.nextAuthToken,
    },
    TIPJAR: { webhookSecret: secrets.webhookSecret },
    TIPJAR_API: { apiKey: secrets.apiKey },
    KEYS: { consentKey: secrets.consentKey },
    CURSORS: { cursorKey: secrets.cursorKey },
    PLATFORM: { webhookKey: secrets.webhookKey },
  };
  const at = {
    table: await serve('table', (request, body, response) => pass(endpoint, request, body, response)),
    twilio: await serve('twilio', (request, body, response) =>
      request.url?.endsWith('.mp3')
        ? response.end('sound')
        : pass(twilio.baseUrl + (request.url ?? ''), request, body, response),
    ),
    secrets: await serve('secrets', (_request, body, response) => {
      const { SecretId: id } = JSON.parse(body) as { SecretId: string };
      reply(response, 200, { Name: id, SecretString: JSON.stringify(held[id.split('?')[0] ?? '']) });
    }),
    queues: await serve('queues', (_request, body, response) => {
      const { Entries: entries } = JSON.parse(body) as { Entries: { Id: string; MessageBody: string }[] };
      const md5 = (content: string) => createHash('md5').update(content).digest('hex');
      const taken = entries.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: md5(MessageBody),
      }));
      reply(response, 200, { Successful: taken, Failed: [] });
    }),
    files: await serve('files', (_request, _body, response) => void response.end()),
    tipjar: await serve('tipjar', (_request, _body, response) =>
      reply(response, 201, { paymentUrl: 'https://pay.example.com/s1', sessionId: 's1' }),
    ),
    // Our own API, as far as a function asks whether it can be reached.
    own: await listen((_request, response) => reply(response, 200, { status: 'ok', stage: 'test' })),
    platform: await serve('platform', (_request, _body, response) => void response.writeHead(204).end()),
  };
  Object.assign(process.env, {
    AWS_SECRET_ACCESS_KEY: secrets.awsSecret,
    AWS_SESSION_TOKEN: secrets.awsSession,
    AWS_ENDPOINT_URL_DYNAMODB: at.table,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: at.secrets,
    AWS_ENDPOINT_URL_SQS: at.queues,
    AWS_ENDPOINT_URL_S3: at.files,
  });
  const queueUrls = Object.keys(process.env).filter((name) => name.startsWith('QUEUE_URL_'));
  // Webhooks are signed for the base URL of all tests.
  setHandlerEnvironment({ TABLE_NAME: tableName, PUBLIC_BASE_URL: at.own, FORMER_BASE_URLS: publicBaseUrl });
  for (const name of [
    ...queueUrls,
    ...Object.keys(process.env).filter((key) => key.startsWith('QUEUE_URL_')),
  ])
    process.env[name] = `${at.queues}/queue`;
  Object.assign(process.env, {
    TWILIO_API_URL: at.twilio,
    TWILIO_MESSAGING_URL: at.twilio,
    MESSAGING_SERVICE_SID: twilio.messagingServiceSid,
    TIPJAR_BASE_URL: at.tipjar,
    PLATFORM_WEBHOOK_URL: `${at.platform}/webhook`,
    POOL_POLICY: '{"autoReplenish":{"monthlyBudgetUsd":500}}',
  });

  const world: HostileWorld = {
    tableName,
    tableEndpoint: endpoint,
    twilio,
    fail(next) {
      const before = seen;
      fault = next && { ...next };
      hurry(next?.mode);
      seen = { asked: new Set(), failed: 0, wrote: false };
      // Functions keep secrets for five minutes: under another name they are read anew.
      generation += 1;
      for (const name of Object.keys(held)) process.env[`${name}_SECRET_ID`] = `${name}?${generation}`;
      return before;
    },
  };
  world.fail(undefined);
  return world;
}

type Answerer = (request: IncomingMessage, body: string, response: ServerResponse) => unknown;

async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function pass(
  url: string,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([name]) => !['host', 'connection', 'content-length'].includes(name),
    ),
  ) as Record<string, string>;
  const method = request.method ?? 'POST';
  const answer = await fetch(url, { method, headers, ...(body !== '' && { body }) });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** Fails as told; what it answers quotes the credentials and the numbers, and beside its sentence all that it was sent. */
function misbehave(
  mode: Mode,
  service: Service,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  if (mode === 'hang') return;
  if (mode === 'reset') return void request.socket.destroy();
  const { authorization = '' } = request.headers;
  const numbers = `${body}${request.url}`.match(/(?:\+|%2B)\d{7,15}/g) ?? [];
  const sentence = `You sent Authorization: ${authorization} about ${numbers.join(' and ')}`;
  const all = `${JSON.stringify(request.headers)} ${request.url} ${body}`;
  if (mode === 'html')
    return void response.writeHead(500, { 'content-type': 'text/html' }).end(`<html>${all}`);
  if (mode === 'empty') return void response.end();
  const status = Number(mode);
  if (service === 'twilio')
    return reply(response, status, {
      status,
      code: 20000 + status,
      message: sentence,
      more_info: all,
      details: { all },
    });
  reply(response, status, { __type: 'SomeException', message: sentence, error: all });
}

/**
 * Makes back-offs twenty times as short and, where a service hangs, time-outs too. Where none hangs, time-outs stay long
 * enough for a busy machine: what times out on the way to the fault never meets it.
 */
function hurried(): (mode: Mode | undefined) => void {
  let failing: Mode | undefined;
  const short = (ms: number) => {
    if (failing === undefined) return ms;
    return failing !== 'hang' && ms >= 1000 ? ms / 2 : Math.min(ms / 20, 100);
  };
  const real = { setTimeout: globalThis.setTimeout, timeout: AbortSignal.timeout.bind(AbortSignal) };
  const ofRequest = ClientRequest.prototype.setTimeout;
  globalThis.setTimeout = Object.assign(
    (work: (...args: unknown[]) => void, ms = 0, ...rest: unknown[]) =>
      real.setTimeout(work, short(ms), ...rest),
    real.setTimeout,
  );
  AbortSignal.timeout = (ms) => real.timeout(short(ms));
  ClientRequest.prototype.setTimeout = function (ms, done) {
    return ofRequest.call(this, short(ms), done);
  };
  afterAll(() => {
    globalThis.setTimeout = real.setTimeout;
    AbortSignal.timeout = real.timeout;
    ClientRequest.prototype.setTimeout = ofRequest;
  });
  return (mode) => {
    failing = mode;
  };
}
