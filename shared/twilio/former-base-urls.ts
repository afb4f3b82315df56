import { requireEnv } from '#shared/env.ts';

/** Base URLs that numbers, texts and calls under way may still have from before; few, and never the present one. */
export function formerBaseUrls(): string[] {
  return requireEnv('FORMER_BASE_URLS')
    .split(',')
    .filter((url) => url !== '');
}
