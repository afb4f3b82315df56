import { now } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import { showExport } from '#shared/exports/show-export.ts';
import { Failure } from '#shared/failure.ts';
import { connectFiles } from '#shared/files/store.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { mayRead } from '#shared/http/principal.ts';
import { log } from '#shared/log.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const exported = exportRepository(connectTable());
const deps = { files: connectFiles() };

export const handler = httpHandler(calls.getExport, async ({ params, principal }) => {
  const found = await exported.find(params.id, now());
  if (found === undefined || !mayRead(principal, found.djProfileId)) {
    throw new Failure('NOT_FOUND', 'No export has this id');
  }
  const shown = await showExport(deps, found);
  if (shown.url != null) {
    log.info('an address of an export is given out', {
      exportId: found.id,
      by: `${principal.role}:${principal.subject}`,
    });
  }
  return { export: shown };
});
