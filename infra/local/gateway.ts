import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Authorizer, type JwtConfiguration } from './authorizer.ts';
import { Throttled } from './concurrency.ts';
import { type GatewayRequest, gatewayEvent, readRequest } from './gateway-event.ts';
import { listen } from './ports.ts';
import type { Resource } from './template.ts';

const bodyBytesMax = 10 * 1024 * 1024;

interface Route {
  key: string;
  method: string;
  segments: Segment[];
  rank: string;
  functionArn: string;
  timeoutMs: number;
  authorizer: Authorizer | undefined;
  scopes: string[];
  bucket: Bucket | undefined;
}

/** A part of a path: a word, or the name of a parameter, which may take all the rest. */
interface Segment {
  text: string;
  parameter: string | undefined;
  isGreedy: boolean;
}

interface Cors {
  AllowOrigins?: string[];
  AllowMethods?: string[];
  AllowHeaders?: string[];
  ExposeHeaders?: string[];
  MaxAge?: number;
  AllowCredentials?: boolean;
}

interface Throttle {
  ThrottlingRateLimit?: number;
  ThrottlingBurstLimit?: number;
}

/** What was answered to whom: for whoever wants to look at all of it. */
export interface Answered {
  method: string;
  /** As it was asked for, with its query. */
  url: string;
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

interface Reply {
  status: number;
  headers: Record<string, string>;
  cookies?: string[];
  body: Buffer | string;
}

/** API Gateway's HTTP API: routes, JWT authorizers, CORS, throttling, and its own errors in its own words. */
export class Gateway {
  readonly #server: Server;
  readonly #invoke: (functionArn: string, event: unknown) => Promise<unknown>;
  readonly #now: () => Date;
  readonly #onAnswer: ((answered: Answered) => void) | undefined;
  #apiId = '';
  #routes: Route[] = [];
  #cors: Cors | undefined;
  #serving = false;
  #underWay = 0;

  constructor(
    invoke: (functionArn: string, event: unknown) => Promise<unknown>,
    now: () => Date = () => new Date(),
    onAnswer?: (answered: Answered) => void,
  ) {
    this.#invoke = invoke;
    this.#now = now;
    this.#onAnswer = onAnswer;
    this.#server = createServer((incoming, reply) => void this.#serve(incoming, reply));
  }

  /** Requests that have no answer yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Takes the port at once, so that a taken one shows early; answers 503 until there are routes. */
  start(port: number): Promise<number> {
    return listen(this.#server, port, 'API');
  }

  serve(resources: readonly Resource[]): void {
    const apis = resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Api');
    const [api] = apis;
    if (!api || apis.length > 1)
      throw new Error(`The local stack serves one HTTP API, the template has ${apis.length}.`);
    this.#apiId = api.ref;
    this.#cors = api.properties['CorsConfiguration'] as Cors | undefined;
    const byRef = new Map(resources.map((resource) => [resource.ref, resource]));
    const stage = resources.find(({ type }) => type === 'AWS::ApiGatewayV2::Stage');
    this.#routes = resources
      .filter(({ type }) => type === 'AWS::ApiGatewayV2::Route')
      .map((route) => routeOf(route, byRef, stage?.properties ?? {}))
      .sort((left, right) => left.rank.localeCompare(right.rank));
    this.#serving = true;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#underWay += 1;
    try {
      // Who says beforehand that it is too much need not send it.
      const body = isTooLong(incoming) ? undefined : await bodyOf(incoming);
      const reply = body
        ? await this.#answer(readRequest(incoming, body))
        : own(413, 'Request Entity Too Large');
      const headers = { ...reply.headers, ...this.#corsHeaders(incoming, reply.headers) };
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
      if (reply.cookies) outgoing.setHeader('set-cookie', reply.cookies);
      if (!body) outgoing.setHeader('connection', 'close');
      if (reply.status !== 204) outgoing.setHeader('content-length', Buffer.byteLength(reply.body));
      outgoing.writeHead(reply.status).end(reply.body);
      const { method = 'GET', url = '/' } = incoming;
      this.#onAnswer?.({ method, url, ...reply });
    } catch {
      // The client went away.
      outgoing.destroy();
    } finally {
      this.#underWay -= 1;
    }
  }

  async #answer(request: GatewayRequest): Promise<Reply> {
    if (!this.#serving) return own(503, 'Service Unavailable');
    const found = this.#find(request.method, request.path);
    if (!found && this.#cors && request.method === 'OPTIONS') return { status: 204, headers: {}, body: '' };
    if (!found) return own(404, 'Not Found');
    const { route, pathParameters } = found;
    if (route.bucket && !route.bucket.take()) return own(429, 'Too Many Requests');
    const verified = await route.authorizer?.verify(request.headers, this.#now(), route.scopes);
    if (verified === 'forbidden') return own(403, 'Forbidden');
    if (route.authorizer && !verified)
      return { ...own(401, 'Unauthorized'), headers: { ...json, 'www-authenticate': 'Bearer' } };
    const matched = { apiId: this.#apiId, routeKey: route.key, pathParameters, verified, at: this.#now() };
    const late = Promise.withResolvers<Reply>();
    const timer = setTimeout(() => late.resolve(own(503, 'Service Unavailable')), route.timeoutMs);
    try {
      const answered = this.#invoke(route.functionArn, gatewayEvent(request, matched)).then(replyOf);
      return await Promise.race([answered, late.promise]);
    } catch (error) {
      if (error instanceof Throttled) return own(503, 'Service Unavailable');
      // A function that throws or runs out of its own time is a 500 to HTTP APIs; what happened is in its log.
      return own(500, 'Internal Server Error');
    } finally {
      clearTimeout(timer);
    }
  }

  /** Literal segments win over parameters, parameters over a greedy one, a method over ANY. */
  #find(method: string, path: string): { route: Route; pathParameters: Record<string, string> } | undefined {
    const parts = path.split('/').slice(1);
    for (const route of this.#routes) {
      if (route.method !== method && route.method !== 'ANY') continue;
      const pathParameters = match(route.segments, parts);
      if (pathParameters) return { route, pathParameters };
    }
    return undefined;
  }

  #corsHeaders(incoming: IncomingMessage, replied: Record<string, string>): Record<string, string> {
    const { origin } = incoming.headers;
    const cors = this.#cors;
    if (!cors || !origin) return {};
    const any = cors.AllowOrigins?.includes('*');
    if (!any && !cors.AllowOrigins?.includes(origin)) return {};
    return {
      'access-control-allow-origin': any && !cors.AllowCredentials ? '*' : origin,
      ...(!any && { vary: [replied['vary'], 'Origin'].filter(Boolean).join(', ') }),
      ...(cors.AllowCredentials && { 'access-control-allow-credentials': 'true' }),
      ...(cors.ExposeHeaders && { 'access-control-expose-headers': cors.ExposeHeaders.join(',') }),
      ...(incoming.method === 'OPTIONS' && preflightHeaders(cors)),
    };
  }
}

function preflightHeaders(cors: Cors): Record<string, string> {
  return {
    ...(cors.AllowMethods && { 'access-control-allow-methods': cors.AllowMethods.join(',') }),
    ...(cors.AllowHeaders && { 'access-control-allow-headers': cors.AllowHeaders.join(',') }),
    ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
  };
}

const json = { 'content-type': 'application/json' };

function own(status: number, message: string): Reply {
  return { status, headers: json, body: JSON.stringify({ message }) };
}

function replyOf(result: unknown): Reply {
  const answer = result as {
    statusCode?: number;
    headers?: Record<string, string | number | boolean>;
    cookies?: string[];
    body?: string;
    isBase64Encoded?: boolean;
  } | null;
  // Without a statusCode the whole result is the body: that is how format 2.0 reads it.
  if (typeof answer !== 'object' || answer?.statusCode === undefined)
    return { status: 200, headers: json, body: JSON.stringify(answer) };
  const headers = Object.fromEntries(
    Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const body = answer.isBase64Encoded ? Buffer.from(answer.body ?? '', 'base64') : (answer.body ?? '');
  return {
    status: answer.statusCode,
    headers:
      'content-type' in headers || body.length === 0
        ? headers
        : { 'content-type': 'text/plain;charset=UTF-8', ...headers },
    ...(answer.cookies && { cookies: answer.cookies }),
    body,
  };
}

function routeOf(
  resource: Resource,
  byRef: ReadonlyMap<string, Resource>,
  stage: Record<string, unknown>,
): Route {
  const place = `${resource.stack}/${resource.logicalId}`;
  const { RouteKey, Target, AuthorizationType, AuthorizerId, AuthorizationScopes } = resource.properties;
  const key = String(RouteKey);
  const [method = '', path = ''] = key === '$default' ? ['ANY', '/{proxy+}'] : key.split(' ');
  const segments = path.split('/').slice(1).map(segmentOf);
  const integration = byRef.get(String(Target).replace(/^integrations\//, ''));
  if (integration?.type !== 'AWS::ApiGatewayV2::Integration')
    throw new Error(`${place}: it has no integration.`);
  const { IntegrationType, IntegrationUri, PayloadFormatVersion, TimeoutInMillis } = integration.properties;
  const functionArn = /arn:aws:lambda:[^/]+/.exec(String(IntegrationUri))?.[0];
  if (IntegrationType !== 'AWS_PROXY' || PayloadFormatVersion !== '2.0' || !functionArn) {
    throw new Error(
      `${place}: the local stack knows only AWS_PROXY integrations of functions, payload format 2.0.`,
    );
  }
  return {
    key,
    method,
    segments,
    rank: rank(key, method, segments),
    functionArn,
    timeoutMs: Number(TimeoutInMillis ?? 30_000),
    authorizer: authorizerOf(place, AuthorizationType, byRef.get(String(AuthorizerId))),
    scopes: (AuthorizationScopes ?? []) as string[],
    bucket: bucketOf(key, stage),
  };
}

function authorizerOf(place: string, type: unknown, resource: Resource | undefined): Authorizer | undefined {
  if (type === undefined || type === 'NONE') return undefined;
  if (type !== 'JWT' || resource?.properties['AuthorizerType'] !== 'JWT')
    throw new Error(`${place}: the local stack knows only JWT authorizers.`);
  const [source] = (resource.properties['IdentitySource'] ?? []) as string[];
  return new Authorizer(resource.properties['JwtConfiguration'] as JwtConfiguration, source);
}

function bucketOf(key: string, stage: Record<string, unknown>): Bucket | undefined {
  const settings = {
    ...(stage['DefaultRouteSettings'] as Throttle | undefined),
    ...(stage['RouteSettings'] as Record<string, Throttle> | undefined)?.[key],
  };
  if (settings.ThrottlingRateLimit === undefined) return undefined;
  return new Bucket(
    settings.ThrottlingRateLimit,
    settings.ThrottlingBurstLimit ?? settings.ThrottlingRateLimit,
  );
}

/** Undefined when the path is another one. */
function match(segments: readonly Segment[], path: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, { text, parameter, isGreedy }] of segments.entries()) {
    if (parameter && isGreedy) {
      if (path.length <= index) return undefined;
      parameters[parameter] = path.slice(index).join('/');
      return parameters;
    }
    const part = path[index];
    if (parameter && part) parameters[parameter] = part;
    else if (part !== text) return undefined;
  }
  return path.length === segments.length ? parameters : undefined;
}

function segmentOf(text: string): Segment {
  const parameter = /^\{(.+?)\+?\}$/.exec(text)?.[1];
  return { text, parameter, isGreedy: text.endsWith('+}') };
}

function rank(key: string, method: string, segments: readonly Segment[]): string {
  const places = segments.map(({ parameter, isGreedy }) => (isGreedy ? '2' : parameter ? '1' : '0'));
  return `${key === '$default' ? '1' : '0'}${places.join('')}${method === 'ANY' ? '1' : '0'}`;
}

function isTooLong({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > bodyBytesMax;
}

/** Undefined when the body is larger than API Gateway takes. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes <= bodyBytesMax) chunks.push(chunk as Buffer);
  }
  return bytes > bodyBytesMax ? undefined : Buffer.concat(chunks);
}

class Bucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = performance.now();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
