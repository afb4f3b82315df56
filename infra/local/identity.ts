import { randomUUID } from 'node:crypto';
import { type MutableToken, OAuth2Server, type TokenRequestIncomingMessage } from 'oauth2-mock-server';
import { answerClientCredentials } from './client-credentials.ts';
import { type Keep, nothingKept } from './keep.ts';
import { portProblem } from './ports.ts';

/** For whom a token is made. */
export type TokenRole = 'admin' | 'service' | 'dj' | 'user';

/** A person of a tenant, as the provider knows them. */
export interface UserToken {
  userId: string;
  tenantId?: string | undefined;
  tenantRole?: string | undefined;
}

/** The client that the local tokens are issued to; the authorizer accepts it as their audience. */
export const clientId = 'local-client';
/** Its secret: no secret at all, since the issuer gives anybody on this machine any token. */
export const clientSecret = 'local-client-secret';
export const serviceScope = 'api/service';

/** How long tokens are valid, by the stack's clock. */
const tokenSeconds = 3600;

/**
 * The identity provider: issues access tokens as Cognito words them, by the stack's clock. `/oauth2/token` is for clients,
 * as Cognito has it; `/token` is a door of ours that gives a token of any role to whoever asks.
 */
export class Identity {
  readonly #server = new OAuth2Server();
  readonly #now: () => Date;
  readonly #keep: Keep;

  constructor(now: () => Date = () => new Date(), keep: Keep = nothingKept) {
    this.#now = now;
    this.#keep = keep;
  }

  async start(port: number): Promise<void> {
    const { issuer, service } = this.#server;
    const [key] = this.#keep.part('identity', () => issuer.keys.toJSON(true)) ?? [];
    await (key ? issuer.keys.add(key) : issuer.keys.generate('RS256'));
    service.on('beforeTokenSigning', (token: MutableToken, request: TokenRequestIncomingMessage) => {
      const { role, ...of } = request.body as unknown as Record<string, string | undefined>;
      Object.assign(token.payload, claimsOf(role, of, this.#seconds()));
      // The tool's own claims, which Cognito's access tokens don't have.
      delete token.payload['aud'];
      Reflect.deleteProperty(token.payload, 'nbf');
    });
    service.addRoute('POST', '/oauth2/token', ({ headers, body }, response) =>
      answerClientCredentials({ authorization: headers.authorization, form: body }, response, {
        clientId,
        clientSecret,
        scope: serviceScope,
        seconds: tokenSeconds,
        issue: () =>
          issuer.buildToken({
            scopesOrTransform: (_header, payload) => {
              Object.assign(payload, claimsOf('service', {}, this.#seconds()));
              Reflect.deleteProperty(payload, 'nbf');
            },
          }),
      }),
    );
    try {
      await this.#server.start(port, '127.0.0.1');
    } catch (error) {
      throw portProblem(error, port, 'identity issuer');
    }
    issuer.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  get issuer(): string {
    return this.#server.issuer.url ?? '';
  }

  /** Where machine clients get their tokens. */
  get tokenUrl(): string {
    return `${this.issuer}/oauth2/token`;
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.#server.stop();
  }

  #seconds(): number {
    return Math.floor(this.#now().getTime() / 1000);
  }
}

/**
 * A token of the issuer for a role.
 * @throws Error when the issuer does not answer or refuses.
 */
export async function fetchToken(
  issuer: string,
  role: TokenRole,
  of: Partial<UserToken> & { djProfileId?: string | undefined } = {},
): Promise<string> {
  const { djProfileId, userId, tenantId, tenantRole } = of;
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      role,
      ...(djProfileId !== undefined && { dj_profile_id: djProfileId }),
      ...(userId !== undefined && { user_id: userId }),
      ...(tenantId !== undefined && { tenant_id: tenantId }),
      ...(tenantRole !== undefined && { tenant_role: tenantRole }),
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (!response.ok || !token) throw new Error(`The issuer ${issuer} answered ${response.status}.`);
  return token;
}

function claimsOf(
  role: string | undefined,
  of: Readonly<Record<string, string | undefined>>,
  nowSeconds: number,
): Record<string, unknown> {
  const { dj_profile_id, user_id, tenant_id, tenant_role } = of;
  const common = {
    client_id: clientId,
    token_use: 'access',
    jti: randomUUID(),
    iat: nowSeconds,
    exp: nowSeconds + tokenSeconds,
    auth_time: nowSeconds,
  };
  // A client of its own has neither user nor groups: its scope is all that it may.
  if (role === 'service') return { ...common, sub: clientId, scope: serviceScope };
  const usernames: Record<string, string> = { dj: `dj-${dj_profile_id}`, user: `user-${user_id}` };
  const username = usernames[role ?? ''] ?? 'local-admin';
  return {
    ...common,
    sub: username,
    username,
    scope: 'openid',
    'cognito:groups': [role],
    ...(dj_profile_id !== undefined && { dj_profile_id }),
    ...(tenant_id !== undefined && { tenant_id }),
    ...(tenant_role !== undefined && { tenant_role }),
  };
}
