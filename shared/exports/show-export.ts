import type * as z from 'zod';
import { allDjs } from '#shared/calls/list-calls.ts';
import type { FileStore } from '#shared/files/store.ts';
import { djOf } from '#shared/owner.ts';
import { expiryOf } from './export.repository.ts';
import { type Export, exportKey } from './export.ts';
import type { exportReply } from './fields.ts';

/** An export as it stands, with an address of its file once it is done. */
export async function showExport(
  { files }: { files: Pick<FileStore, 'linkTo'> },
  wanted: Export,
): Promise<z.input<typeof exportReply>> {
  const { id, status, of, rows, reason, createdAt } = wanted;
  const fileName = `calls-${createdAt.slice(0, 10)}.csv`;
  return {
    id,
    status,
    dj_profile_id: of === allDjs ? null : djOf(of),
    rows,
    url: status === 'done' ? await files.linkTo(exportKey(id), 'attachment', fileName) : null,
    reason,
    created_at: createdAt,
    expires_at: expiryOf(wanted).toISOString(),
  };
}
