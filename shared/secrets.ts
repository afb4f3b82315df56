import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { log } from './log.ts';
import { hide } from './mask.ts';

const keptMilliseconds = 5 * 60 * 1000;
const kept = new Map<string, { text: string; readAt: number }>();

let client: SecretsManagerClient | undefined;

/**
 * The text of a secret, kept for five minutes; what was kept longer still serves while Secrets Manager does not answer.
 * @throws the SDK's error when it was never read.
 */
export async function readSecret(secretId: string): Promise<string> {
  const known = kept.get(secretId);
  // A monotonic clock, so that a clock that jumps neither pins a secret nor throws it away.
  if (known !== undefined && performance.now() - known.readAt < keptMilliseconds) return known.text;
  client ??= new SecretsManagerClient({
    maxAttempts: 2,
    // Without the last one a request that is never answered would only be warned of.
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  });
  try {
    const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    if (text === undefined) throw new Error('the secret is binary; it must be a JSON text');
    kept.set(secretId, { text, readAt: performance.now() });
    return text;
  } catch (error) {
    if (known === undefined) throw error;
    log.warn('secret could not be refreshed, the last one is used on', { secretId, error: error as Error });
    return known.text;
  }
}

/** The string members of a secret that holds a JSON object; anything else in it is left out. Logs hide them from now on. */
export async function readSecretFields(
  secretId: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readSecret(secretId));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null) return {};
  const fields = Object.entries(parsed).filter(
    (field): field is [string, string] => typeof field[1] === 'string' && field[1] !== '',
  );
  for (const [, value] of fields) if (!isSid(value)) hide(value);
  return Object.fromEntries(fields);
}

/** Ids of accounts and API keys are no secrets, and needed in logs. */
function isSid(value: string): boolean {
  return /^[A-Z]{2}[0-9a-f]{32}$/.test(value);
}
