import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { HttpHandler } from '#shared/http/frame.ts';

export interface AskedRequest {
  method?: string;
  path?: string;
  query?: Record<string, string>;
  params?: Record<string, string>;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a text as it is. */
  body?: unknown;
  base64?: boolean;
  /** Claims of the bearer token; without them the request carries none. */
  claims?: Record<string, unknown>;
}

export const adminClaims: Record<string, unknown> = { sub: 'admin-1', 'cognito:groups': ['admin'] };
export const serviceClaims: Record<string, unknown> = {
  sub: 'backend',
  client_id: 'backend',
  scope: 'api/other api/service',
};
export const djClaims = (djProfileId: string, more: Record<string, unknown> = {}) => ({
  sub: `user-${djProfileId}`,
  'cognito:groups': ['dj'],
  dj_profile_id: djProfileId,
  ...more,
});

export const userClaims = (
  tenantId: string,
  tenantRole: 'owner' | 'member' = 'member',
  more: Record<string, unknown> = {},
) => ({
  iss: 'https://issuer.example.com',
  sub: `user-of-${tenantId}`,
  'cognito:groups': ['user'],
  tenant_id: tenantId,
  tenant_role: tenantRole,
  ...more,
});

/** What infrastructure gives every function with an authorizer. */
export function setIdentityEnvironment(): void {
  process.env.IDENTITY_ROLES_CLAIM = '["cognito:groups"]';
  process.env.IDENTITY_SCOPES_CLAIM = '["scope"]';
  process.env.IDENTITY_DJ_CLAIM = '["dj_profile_id"]';
  process.env.IDENTITY_TENANT_CLAIM = '["tenant_id"]';
  process.env.IDENTITY_TENANT_ROLE_CLAIM = '["tenant_role"]';
  process.env.IDENTITY_PERSONAL_TENANTS = 'false';
  process.env.IDENTITY_SERVICE_SCOPE = 'api/service';
}

export function bearer(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `Bearer ${part({ alg: 'none' })}.${part(claims)}.signature`;
}

/** An event as the gateway hands it on (payload format 2.0). */
export function apiEvent(asked: AskedRequest): APIGatewayProxyEventV2 {
  const { method = 'GET', path = '/api/test', query, params, body, claims } = asked;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const rawQueryString = new URLSearchParams(query ?? {}).toString();
  const given = {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString,
    headers: {
      ...(text !== undefined && typeof body !== 'string' && { 'content-type': 'application/json' }),
      ...(claims !== undefined && { authorization: bearer(claims) }),
      ...asked.headers,
    },
    ...(query !== undefined && { queryStringParameters: query }),
    ...(params !== undefined && { pathParameters: params }),
    requestContext: {
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.1', userAgent: 'tests' },
      ...(claims !== undefined && { authorizer: { jwt: { claims, scopes: null } } }),
    },
    ...(text !== undefined && { body: asked.base64 ? Buffer.from(text).toString('base64') : text }),
    isBase64Encoded: asked.base64 === true,
  };
  return given as unknown as APIGatewayProxyEventV2;
}

export const lambdaContext = { awsRequestId: 'req-1', functionName: 'tests' } as Context;

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  json: Record<string, unknown>;
}

/** Sends a request to a handler. */
export async function ask(handler: HttpHandler, request: AskedRequest): Promise<Answer> {
  return answerOf(await handler(apiEvent(request), lambdaContext));
}

export function answerOf(result: APIGatewayProxyStructuredResultV2): Answer {
  const text = result.body ?? '';
  return {
    status: result.statusCode ?? 0,
    headers: (result.headers ?? {}) as Record<string, string>,
    text,
    json: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
}
