import { Failure } from '#shared/failure.ts';
import { mayAccess, type Scoped } from '#shared/http/scope.ts';
import type { ExportId } from '#shared/id.ts';
import type { ExportRepository } from './export.repository.ts';
import { belongingOf, type Export } from './export.ts';

export interface ExportForDeps {
  exports: Pick<ExportRepository, 'find'>;
  now(): Date;
}

/**
 * The export that somebody asks for; another owner's is as missing.
 * @throws Failure NOT_FOUND
 */
export async function exportFor(deps: ExportForDeps, principal: Scoped, id: ExportId): Promise<Export> {
  const found = await deps.exports.find(id, deps.now());
  if (found === undefined || !mayAccess(principal, belongingOf(found)))
    throw new Failure('NOT_FOUND', 'No export has this id');
  return found;
}
