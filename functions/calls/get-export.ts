import { now } from '#shared/clock.ts';
import { exportRepository } from '#shared/exports/export.repository.ts';
import { exportFor } from '#shared/exports/export-for.ts';
import { showExport } from '#shared/exports/show-export.ts';
import { connectFiles } from '#shared/files/store.ts';
import { httpHandler } from '#shared/http/handler.ts';
import { log } from '#shared/log.ts';
import { connectTable } from '#shared/table/client.ts';
import * as calls from './routes.ts';

const deps = { exports: exportRepository(connectTable()), files: connectFiles(), now };

export const handler = httpHandler(calls.getExport, async ({ params, principal }) => {
  const found = await exportFor(deps, principal, params.id);
  const shown = await showExport(deps, found);
  if (shown.url != null) {
    log.info('an address of an export is given out', {
      exportId: found.id,
      by: `${principal.role}:${principal.subject}`,
    });
  }
  return { export: shown };
});
