// This folder is what every HTTP endpoint has around it: its contract, who is calling, checks, replies and failures.

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod';
import { type AuditLogRepository, auditLogRepository } from '#shared/audit-log/audit-log.repository.ts';
import { recordEntry, type Target, targetOf } from '#shared/audit-log/record-entry.ts';
import { now } from '#shared/clock.ts';
import { type Detail, Failure } from '#shared/failure.ts';
import { connectTable } from '#shared/table/client.ts';
import { bodyExceeds, framed, type HttpHandler, rawBody } from './frame.ts';
import { claimPaths, type Principal, principalOf } from './principal.ts';
import { checked } from './problems.ts';
import { jsonReply } from './reply.ts';
import { type FileType, isRecorded, type Route } from './route.ts';

/** Bodies of ours are small; API Gateway alone would let 10 MB through. */
const bodyBytesMax = 64 * 1024;

type Output<T> = T extends z.ZodType ? z.output<T> : undefined;
type ReplyInput<R extends Route> = R extends { reply: infer Shape extends z.ZodType }
  ? z.input<Shape>
  : never;
type OtherReply<R extends Route> = R extends { otherReplies: infer Others extends Record<number, unknown> }
  ? {
      [Status in keyof Others & number]: Reply<WithoutRequestId<Input<Others[Status]>>, Status>;
    }[keyof Others & number]
  : never;
type Input<T> = T extends z.ZodType ? z.input<T> : undefined;
type FileReply<R extends Route> = R extends { file: infer Type extends FileType } ? TextReply<Type> : never;
type RedirectReply<R extends Route> = R extends { status: 302 } ? Redirect : never;
/** A reply that is a failure has the request's id, which is put in for every endpoint. */
type WithoutRequestId<T> = T extends { requestId: string } ? Omit<T, 'requestId'> : T;
type PrincipalOf<R extends Route> = R['auth'] extends readonly ['public' | 'twilio' | 'tipjar']
  ? undefined
  : Principal;

/** A request, checked against its contract. */
export interface Request<R extends Route> {
  params: Output<R['params']>;
  query: Output<R['query']>;
  body: Output<R['body']>;
  /** Who calls; the gateway verified the token, the handler its role. */
  principal: PrincipalOf<R>;
  event: APIGatewayProxyEventV2;
}

/** A reply with another status than the usual; the contract names it, with the shape that goes with it. */
export class Reply<T, Status extends number | undefined = number | undefined> {
  readonly status: Status;
  readonly body: T;
  /** True when doing the same again is no harm, so that the answer need not be kept for its Idempotency-Key. */
  readonly repeatable: boolean;

  constructor(status: Status, body: T, repeatable = (status ?? 200) >= 500) {
    this.status = status;
    this.body = body;
    this.repeatable = repeatable;
  }
}

/** A reply that the same request got before. */
export class Replayed<T> extends Reply<T> {}

/** A reply that is a file of text: to be kept under a name, or to be read at once if it has none. */
export class TextReply<Type extends FileType = FileType> {
  readonly contentType: Type;
  readonly text: string;
  readonly fileName: string | undefined;

  constructor(contentType: Type, text: string, fileName?: string) {
    this.contentType = contentType;
    this.text = text;
    this.fileName = fileName;
  }
}

/** A reply that sends the client to another address, which serves once and not for long. */
export class Redirect {
  readonly location: string;

  constructor(location: string) {
    this.location = location;
  }
}

/** What an endpoint does with a checked request: answers what its contract declares, or throws a Failure. */
export type Work<R extends Route> = (
  request: Request<R>,
) => Promise<
  | ReplyInput<R>
  | Reply<ReplyInput<R>, R['status'] | undefined>
  | OtherReply<R>
  | FileReply<R>
  | RedirectReply<R>
>;

interface HandlerOptions {
  /** Refuses a request before anything of it is looked at, by throwing a Failure: a signature that does not match. */
  guard?: (event: APIGatewayProxyEventV2) => Promise<void>;
  /** Where it is recorded what admins do; the table's audit log unless told. */
  auditLog?: Pick<AuditLogRepository, 'record'>;
}

/**
 * The handler of a JSON endpoint: role, validation of everything at once, the reply cut to its schema, one shape for
 * all failures, `x-request-id` on every answer. What an admin does or is refused is in the audit log before it is answered,
 * unless the route only reads.
 */
export function httpHandler<R extends Route>(
  contract: () => R,
  work: Work<R>,
  options: HandlerOptions = {},
): HttpHandler {
  const route = contract();
  const auditLog = isRecorded(route) ? (options.auditLog ?? auditLogRepository(connectTable())) : undefined;

  async function answer(
    event: APIGatewayProxyEventV2,
    context: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    await options.guard?.(event);
    const principal = principalFor(route, event);
    const { awsRequestId: requestId } = context;
    if (auditLog === undefined || principal?.role !== 'admin') return perform(event, requestId, principal);
    const entry = {
      actor: `${principal.role}:${principal.subject}`,
      act: `${route.method} ${route.path}`,
      requestId,
    };
    return recordEntry({ auditLog, now }, entry, (noteTarget) =>
      perform(event, requestId, principal, noteTarget),
    );
  }

  async function perform(
    event: APIGatewayProxyEventV2,
    requestId: string,
    principal: Principal | undefined,
    noteTarget?: (target: Target) => void,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    const input = parse(route, event);
    noteTarget?.(targetOf(input.params, input.body));
    const result = await work({ ...input, principal, event } as Request<R>);
    if (result instanceof Redirect) {
      const headers = { location: result.location, 'cache-control': 'no-store' };
      return { statusCode: route.status, headers };
    }
    if (result instanceof TextReply) return textReply(route, result);
    const status = (result instanceof Reply ? result.status : undefined) ?? route.status;
    const body = result instanceof Reply ? result.body : result;
    const told = status < 400 ? body : { ...(body as object), requestId };
    const shown = replyOf(route, status)?.parse(told) as object;
    return jsonReply(
      status,
      { success: status < 400, ...shown },
      {
        ...cacheHeaders(route, status),
        ...(result instanceof Replayed && { 'idempotent-replayed': 'true' }),
      },
    );
  }

  return framed(answer, {
    headersFor: (status) => cacheHeaders(route, status),
    extraOf: ({ code, extra }) => extra && (route.failureExtras?.[code]?.parse(extra) as object | undefined),
  });
}

/** The shape of the answers with a status; none for what is no JSON. */
function replyOf({ status: usual, reply, otherReplies = {} }: Route, status: number): z.ZodType | undefined {
  if (status === usual) return reply;
  const other = otherReplies[status];
  if (other === undefined) throw new Error(`answers ${status}, which its contract does not name`);
  return other === 'empty' ? undefined : other;
}

function textReply(
  route: Route,
  { contentType, text, fileName }: TextReply,
): APIGatewayProxyStructuredResultV2 {
  const headers = {
    'content-type': `${contentType}; charset=utf-8`,
    ...(fileName !== undefined && { 'content-disposition': `attachment; filename="${fileName}"` }),
    'cache-control': 'no-store',
    ...cacheHeaders(route, route.status),
  };
  return { statusCode: route.status, headers, body: text };
}

function cacheHeaders(route: Route, status: number): Record<string, string> {
  const seconds =
    status === 200 ? route.cacheSeconds?.found : status === 404 ? route.cacheSeconds?.missing : undefined;
  return seconds === undefined ? {} : { 'cache-control': `public, max-age=${seconds}` };
}

function principalFor(route: Route, event: APIGatewayProxyEventV2): Principal | undefined {
  const [first] = route.auth;
  if (first === 'public' || first === 'twilio' || first === 'tipjar') return undefined;
  const context = event.requestContext as { authorizer?: { jwt?: unknown } };
  if (context.authorizer?.jwt === undefined) {
    throw new Failure('FORBIDDEN', 'The request did not pass the token check of the gateway');
  }
  const principal = principalOf(event.headers.authorization ?? '', claimPaths());
  if (!(route.auth as readonly string[]).includes(principal.role)) {
    throw new Failure(
      'FORBIDDEN',
      `Only ${route.auth.join(' and ')} may do this; the token is of a ${principal.role}`,
    );
  }
  return principal;
}

function parse(route: Route, event: APIGatewayProxyEventV2) {
  const details: Detail[] = [];
  const check = (place: string, schema: z.ZodType | undefined, value: unknown) => {
    if (schema === undefined) return undefined;
    const result = checked(place, schema, value);
    if ('data' in result) return result.data;
    for (const problem of result.problems) details.push(problem);
    return undefined;
  };
  const params = check('params', route.params, decodedParameters(event));
  const query = check('query', route.query, event.queryStringParameters ?? {});
  const text = readJson(event, route);
  if ('detail' in text) details.push(text.detail);
  const body = 'detail' in text ? undefined : check('body', route.body, text.json);
  if (details.length > 0) throw new Failure('VALIDATION_FAILED', undefined, { details });
  return { params, query, body };
}

function decodedParameters(event: APIGatewayProxyEventV2): Record<string, string> {
  return Object.fromEntries(
    Object.entries(event.pathParameters ?? {}).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value ?? '')];
      } catch {
        return [name, value ?? ''];
      }
    }),
  );
}

/** The JSON body, undefined when there is none or none is looked at; or what is wrong with it. */
function readJson(
  event: APIGatewayProxyEventV2,
  { body, takesPlainText }: Route,
): { json: unknown } | { detail: Detail } {
  if (body === undefined) return { json: undefined };
  const refuse = (message: string) => ({ detail: { path: 'body', message } });
  if (bodyExceeds(event, bodyBytesMax)) return refuse(`must be at most ${bodyBytesMax} bytes`);
  const text = rawBody(event);
  if (text === '') return { json: undefined };
  const type = event.headers['content-type'];
  if (type === undefined) return refuse('must be sent with content-type application/json');
  const isPlainText = takesPlainText === true && /^text\/plain\b/i.test(type);
  if (!isPlainText && !/^application\/(?:[a-z.-]+\+)?json\b/i.test(type)) {
    return refuse(`must be sent with content-type application/json, not ${type.slice(0, 80)}`);
  }
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    // Without the piece of the body that it quotes: what is refused is logged.
    return refuse(
      `is not valid JSON: ${(error as Error).message.replace(/, (?:\.\.\.)?".*/s, '').slice(0, 120)}`,
    );
  }
}
