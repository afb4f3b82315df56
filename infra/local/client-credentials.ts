import { timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export interface TokenRequest {
  authorization: string | undefined;
  /** The parsed form; undefined when the body is of another type. */
  form: unknown;
}

export interface MachineClient {
  clientId: string;
  clientSecret: string;
  /** The one scope that the client may have. */
  scope: string;
  /** How long its tokens are valid. */
  seconds: number;
  issue(): Promise<string>;
}

/**
 * Answers a request for a token by client credentials as Cognito's token endpoint does: the secret by HTTP Basic or in the
 * form, a refusal as one word of OAuth 2.0 (https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html).
 */
export async function answerClientCredentials(
  { authorization, form }: TokenRequest,
  response: ServerResponse,
  client: MachineClient,
): Promise<void> {
  const given = (form ?? {}) as Record<string, string | undefined>;
  const refusal = refusalOf(given, authorization, client);
  const body = refusal
    ? { error: refusal }
    : { access_token: await client.issue(), expires_in: client.seconds, token_type: 'Bearer' };
  const status = refusal === undefined ? 200 : refusal === 'invalid_client' ? 401 : 400;
  response.writeHead(status, {
    'content-type': 'application/json;charset=UTF-8',
    'cache-control': 'no-store',
    ...(status === 401 && { 'www-authenticate': 'Basic' }),
  });
  response.end(JSON.stringify(body));
}

function refusalOf(
  form: Readonly<Record<string, string | undefined>>,
  authorization: string | undefined,
  { clientId, clientSecret, scope }: MachineClient,
): string | undefined {
  const { grant_type: grantType, scope: wanted } = form;
  if (grantType === undefined) return 'invalid_request';
  const { id, secret } = credentialsOf(authorization) ?? {
    id: form['client_id'],
    secret: form['client_secret'],
  };
  if (id !== clientId || !isSame(secret ?? '', clientSecret)) return 'invalid_client';
  if (grantType !== 'client_credentials') return 'unsupported_grant_type';
  if (wanted !== undefined && wanted !== scope) return 'invalid_scope';
  return undefined;
}

function credentialsOf(authorization: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  return { id, secret: secret.join(':') };
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
