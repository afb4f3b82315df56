import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../entities.ts';
import type { FaultRule } from '../faults.ts';
import { readBody } from '../listen.ts';
import { sendDue } from '../messaging/send.ts';
import type { World } from '../world.ts';
import { accountRoutes } from './accounts.ts';
import { availableNumberRoutes } from './available-numbers.ts';
import { callRoutes } from './calls.ts';
import { incomingNumberRoutes } from './incoming-numbers.ts';
import { mediaRoutes, openMedia } from './media.ts';
import { messageRoutes } from './messages.ts';
import { recordingRoutes } from './recordings.ts';
import { notFound, type Reply, RestError } from './reply.ts';
import { accountsRoot, type RestRoute } from './route.ts';
import { serviceRoutes } from './services.ts';
import { transcriptionRoutes } from './transcriptions.ts';

const routes: RestRoute[] = [
  ...accountRoutes,
  ...availableNumberRoutes,
  ...incomingNumberRoutes,
  ...messageRoutes,
  ...mediaRoutes,
  ...callRoutes,
  ...recordingRoutes,
  ...transcriptionRoutes,
  ...serviceRoutes,
];
// A client that waits for an answer which never comes: longer than any client's own time limit.
const hangMs = 30_000;

/** Answers one request of Twilio's REST API, faults included. */
export async function serveRest(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', world.baseUrl);
  const method = request.method ?? 'GET';
  const { faults } = world;
  const traffic = { on: 'rest' as const, method, path: url.pathname };
  const delay = faults.strike('delay', traffic);
  if (delay) {
    await sleep(delay.delayMs);
  }
  if (faults.strike('drop', traffic)) {
    request.socket.destroy();
    return;
  }
  sendDue(world);
  const form = new URLSearchParams(await readBody(request));
  const error = faults.strike('error', traffic);
  const reply = error ? strange(error) : (openMedia(world, url) ?? answer(world, request, url, form));
  world.journal.add('rest', {
    method,
    path: url.pathname + url.search,
    ...(method === 'POST' && { params: Object.fromEntries(form) }),
    status: reply.status,
    ...(reply.status >= 400 && { error: reply.body }),
  });
  const silent = faults.strike('timeoutAfterSuccess', traffic);
  if (silent) {
    setTimeout(() => request.socket.destroy(), silent.delayMs || hangMs).unref();
    return;
  }
  if (method !== 'GET') await world.commit();
  write(response, reply);
}

const errors: Readonly<Record<number, [code: number, message: string]>> = {
  400: [20001, 'Invalid parameter'],
  401: [20003, 'Authenticate'],
  403: [20005, 'Account is not active'],
  404: [20404, 'The requested resource was not found'],
  409: [20409, 'Conflict'],
  429: [20429, 'Too Many Requests'],
};

function strange({ status, body }: FaultRule): Reply {
  if (body === 'empty') return { status, media: { contentType: 'application/json', bytes: Buffer.alloc(0) } };
  if (body === 'html') {
    const page = '<html><body>Sign in to the network</body></html>';
    return { status, media: { contentType: 'text/html', bytes: Buffer.from(page) } };
  }
  const [code, message] = errors[status] ?? [20500, 'Internal Server Error'];
  return new RestError(status, code, message).reply;
}

function answer(world: World, request: IncomingMessage, url: URL, form: URLSearchParams): Reply {
  try {
    const caller = authenticate(world, request.headers.authorization);
    const path = decoded(url.pathname);
    const match = findRoute(request.method ?? 'GET', path);
    const account = match.accountSid === undefined ? caller : actOn(world, caller, match.accountSid);
    const isStatusChange = match.route.path === `${accountsRoot}/:account`;
    if (request.method === 'POST' && account.status !== 'active' && !isStatusChange)
      throw new RestError(403, 20005, `Account ${account.sid} is not active`);
    return match.route.handle({
      world,
      account,
      caller,
      ids: match.ids,
      path,
      query: url.searchParams,
      form,
    });
  } catch (error) {
    if (error instanceof RestError) return error.reply;
    throw error;
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw notFound(path);
  }
}

function authenticate(world: World, header: string | undefined): Account {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1] ?? '';
  const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s);
  const key = world.apiKeys.get(user);
  const account = world.accounts.get(key?.accountSid ?? user);
  const secret = key?.secret ?? account?.authToken;
  if (!account || secret === undefined || !isSame(secret, password))
    throw new RestError(401, 20003, 'Authenticate');
  if (account.status !== 'active') throw new RestError(401, 20005, `Account ${account.sid} is not active`);
  return account;
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function actOn(world: World, caller: Account, sid: string): Account {
  const account = world.accounts.get(sid);
  if (!account || (account.sid !== caller.sid && account.ownerSid !== caller.sid))
    throw new RestError(401, 20003, `These credentials may not act on account ${sid}`);
  return account;
}

function findRoute(
  method: string,
  path: string,
): { route: RestRoute; accountSid: string | undefined; ids: string[] } {
  const parts = path.replace(/\.json$/, '').split('/');
  const matching = routes
    .map((route) => ({ route, params: paramsOf(route.path.split('/'), parts) }))
    .filter(({ params }) => params !== undefined);
  const found = matching.find(({ route }) => route.method === method);
  if (!found) throw matching.length > 0 ? new RestError(405, 20004, 'Method not allowed') : notFound(path);
  return {
    route: found.route,
    accountSid: found.params?.find(([name]) => name === ':account')?.[1],
    ids: (found.params ?? []).filter(([name]) => name === ':id').map(([, value]) => value),
  };
}

function paramsOf(pattern: string[], parts: string[]): [name: string, value: string][] | undefined {
  const fits =
    pattern.length === parts.length &&
    pattern.every((name, at) => name.startsWith(':') || name === parts[at]);
  return fits
    ? pattern.flatMap((name, at) => (name.startsWith(':') ? [[name, parts[at] ?? '']] : []))
    : undefined;
}

function write(response: ServerResponse, { status, body, media, location }: Reply): void {
  if (location !== undefined) {
    response.writeHead(status, { location, 'content-length': 0 }).end();
    return;
  }
  if (media) {
    response.writeHead(status, { 'content-type': media.contentType, 'content-length': media.bytes.length });
    response.end(media.bytes);
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
