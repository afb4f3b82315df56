import type * as z from 'zod';
import type { webhooksReply } from './fields.ts';
import type { Repointing } from './repointing.ts';

/** How far the numbers are on the base URL of now; of another one nothing counts any more. */
export function repointingReplyOf(
  repointing: Repointing | undefined,
  publicBaseUrl: string,
): z.input<typeof webhooksReply> {
  const known = repointing?.baseUrl === publicBaseUrl ? repointing : undefined;
  return {
    base_url: publicBaseUrl,
    status: known?.status ?? 'pending',
    total: known?.total ?? null,
    pointed: known?.pointed ?? null,
    elsewhere: known?.elsewhere ?? 0,
    failed: known?.failed.length ?? 0,
    problem: known?.problem ?? null,
    since: known?.since ?? null,
    updated_at: known?.updatedAt ?? null,
    finished_at: known?.finishedAt ?? null,
  };
}
