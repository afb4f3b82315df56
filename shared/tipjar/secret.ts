import { requireEnv } from '#shared/env.ts';
import { Failure } from '#shared/failure.ts';
import { readSecretFields } from '#shared/secrets.ts';

/**
 * What the TipJar secret holds; every member may be missing.
 * @throws Failure TIPJAR_UNAVAILABLE when it cannot be read
 */
export async function tipJarSecret(): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return await readSecretFields(requireEnv('TIPJAR_SECRET_ID'));
  } catch (error) {
    throw new Failure('TIPJAR_UNAVAILABLE', 'The TipJar secret cannot be read', { cause: error });
  }
}
