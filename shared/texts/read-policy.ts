import { requireEnv } from '#shared/env.ts';
import type { TextsPolicy } from './policy.ts';

/**
 * The rules for texts of this stage. The deployment has checked them: they are read without a schema library, since a
 * webhook reads them too. @throws Error when the deployment did not give them
 */
export function readTextsPolicy(): TextsPolicy {
  return JSON.parse(requireEnv('TEXTS_POLICY')) as TextsPolicy;
}
