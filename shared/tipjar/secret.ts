import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { readSecretFields } from '#shared/secrets.ts';

/**
 * What the secret of TipJar holds that the variable names; every member may be missing.
 * @throws Failure TIPJAR_UNAVAILABLE when it cannot be read
 */
export async function tipJarSecret(
  variable: 'TIPJAR_SECRET_ID' | 'TIPJAR_API_SECRET_ID',
): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return await readSecretFields(requireEnv(variable));
  } catch (error) {
    throw new Failure('TIPJAR_UNAVAILABLE', 'The TipJar secret cannot be read', { cause: error });
  }
}
