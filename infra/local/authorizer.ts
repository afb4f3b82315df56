import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';

/** How the gateway hands a token's claims to a function: every value as text. */
export interface Verified {
  claims: Record<string, string>;
  scopes: string[] | null;
}

export interface JwtConfiguration {
  Issuer: string;
  Audience?: string[];
}

/** A JWT authorizer as API Gateway has it. */
export class Authorizer {
  readonly #configuration: JwtConfiguration;
  readonly #header: string;
  #keys: JWTVerifyGetKey | undefined;

  constructor(configuration: JwtConfiguration, identitySource = '$request.header.Authorization') {
    this.#configuration = configuration;
    const header = /^\$request\.header\.([\w-]+)$/.exec(identitySource)?.[1];
    if (!header) throw new Error(`The local stack does not know the identity source ${identitySource}.`);
    this.#header = header.toLowerCase();
  }

  /** Undefined when the token is missing or not valid now; `forbidden` when none of the scopes is in it. */
  async verify(
    headers: Readonly<Record<string, string>>,
    now: Date,
    scopes: readonly string[] = [],
  ): Promise<Verified | 'forbidden' | undefined> {
    const token = headers[this.#header]?.replace(/^bearer\s+/i, '');
    if (!token) return undefined;
    const payload = await this.#payload(token, now);
    if (!payload || !this.#audienceFits(payload)) return undefined;
    const granted = claimText(payload['scope'] ?? payload['scp'] ?? '').split(/[\s,[\]]+/);
    if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) return 'forbidden';
    const claims = Object.fromEntries(
      Object.entries(payload).map(([name, value]) => [name, claimText(value)]),
    );
    return { claims, scopes: scopes.length > 0 ? [...scopes] : null };
  }

  async #payload(token: string, now: Date): Promise<JWTPayload | undefined> {
    try {
      this.#keys ??= await this.#discover();
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: this.#configuration.Issuer,
        requiredClaims: ['exp'],
        currentDate: now,
      });
      return payload;
    } catch {
      // Whatever is wrong with a token, API Gateway tells the client nothing but 401.
      return undefined;
    }
  }

  async #discover(): Promise<JWTVerifyGetKey> {
    const below = this.#configuration.Issuer.replace(/\/$/, '');
    const response = await fetch(`${below}/.well-known/openid-configuration`);
    const { jwks_uri: keys } = (await response.json()) as { jwks_uri: string };
    return createRemoteJWKSet(new URL(keys));
  }

  // client_id counts only where there is no aud: Cognito's access tokens have none.
  #audienceFits({ aud, client_id: clientId }: JWTPayload): boolean {
    const accepted = this.#configuration.Audience ?? [];
    const offered = aud === undefined ? [clientId] : [aud].flat();
    return offered.some((one) => typeof one === 'string' && accepted.includes(one));
  }
}

/** API Gateway prints claims as Go does: lists as `[admin dj]`, objects as `map[a:1 b:[x y]]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `map[${entries.map(([key, item]) => `${key}:${claimText(item)}`).join(' ')}]`;
  }
  return String(value);
}
