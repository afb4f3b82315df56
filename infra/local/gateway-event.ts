import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Verified } from './authorizer.ts';

/** A request as far as the gateway reads it before it looks for a route. */
export interface GatewayRequest {
  method: string;
  /** Decoded, as HTTP APIs hand it over. */
  path: string;
  rawQueryString: string;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
  sourceIp: string;
  protocol: string;
}

export function readRequest(incoming: IncomingMessage, body: Buffer): GatewayRequest {
  const [rawPath = '/', ...query] = (incoming.url ?? '/').split('?');
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (name !== 'cookie' && values) headers[name] = values.join(',');
  }
  return {
    method: incoming.method ?? 'GET',
    path: decoded(rawPath),
    rawQueryString: query.join('?'),
    headers,
    cookies: (incoming.headers.cookie ?? '').split(/;\s*/).filter((cookie) => cookie !== ''),
    body,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    protocol: `HTTP/${incoming.httpVersion}`,
  };
}

interface Matched {
  apiId: string;
  routeKey: string;
  pathParameters: Record<string, string>;
  verified: Verified | undefined;
  at: Date;
}

/** The event of a Lambda proxy integration, payload format 2.0. */
export function gatewayEvent(request: GatewayRequest, matched: Matched): APIGatewayProxyEventV2 {
  const { headers, cookies, body, rawQueryString } = request;
  const text = isText(headers['content-type']);
  const host = headers['host'] ?? 'localhost';
  return {
    version: '2.0',
    routeKey: matched.routeKey,
    rawPath: request.path,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: {
      ...headers,
      'x-amzn-trace-id': `Root=1-${Math.floor(matched.at.getTime() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': request.sourceIp,
      'x-forwarded-proto': 'http',
    },
    ...(rawQueryString !== '' && { queryStringParameters: queryParameters(rawQueryString) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: matched.apiId,
      // The types know only plain claims and a required list of scopes; the wire has null.
      ...(matched.verified && { authorizer: { jwt: matched.verified } as never }),
      domainName: host,
      domainPrefix: host.split('.')[0] ?? host,
      http: {
        method: request.method,
        path: request.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: matched.routeKey,
      stage: '$default',
      time: commonLogTime(matched.at),
      timeEpoch: matched.at.getTime(),
    },
    ...(Object.keys(matched.pathParameters).length > 0 && { pathParameters: matched.pathParameters }),
    ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** Forms and bodies without a content type are binary to API Gateway, as has been seen on the real one. */
function isText(contentType = ''): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return (
    type.startsWith('text/') ||
    ['application/json', 'application/xml', 'application/javascript'].includes(type)
  );
}

function queryParameters(rawQueryString: string): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString))
    joined[name] = name in joined ? `${joined[name]},${value}` : value;
  return joined;
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
