import { randomUUID } from 'node:crypto';
import { type MutableToken, OAuth2Server, type TokenRequestIncomingMessage } from 'oauth2-mock-server';
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
const serviceScope = 'api/service';

/** The identity provider: issues access tokens as Cognito words them. Stays on real time. */
export class Identity {
  readonly #server = new OAuth2Server();

  async start(port: number): Promise<void> {
    await this.#server.issuer.keys.generate('RS256');
    this.#server.service.on(
      'beforeTokenSigning',
      (token: MutableToken, request: TokenRequestIncomingMessage) => {
        const { role, ...of } = request.body as unknown as Record<string, string | undefined>;
        Object.assign(token.payload, claimsOf(role, of));
        // The tool's own client-credentials claims: Cognito's access tokens have no audience.
        delete token.payload['aud'];
      },
    );
    try {
      await this.#server.start(port, '127.0.0.1');
    } catch (error) {
      throw portProblem(error, port, 'identity issuer');
    }
    this.#server.issuer.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  get issuer(): string {
    return this.#server.issuer.url ?? '';
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.#server.stop();
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
): Record<string, unknown> {
  const { dj_profile_id, user_id, tenant_id, tenant_role } = of;
  const common = { client_id: clientId, token_use: 'access', jti: randomUUID() };
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
    auth_time: Math.floor(Date.now() / 1000),
    ...(dj_profile_id !== undefined && { dj_profile_id }),
    ...(tenant_id !== undefined && { tenant_id }),
    ...(tenant_role !== undefined && { tenant_role }),
  };
}
