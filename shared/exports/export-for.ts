import { Failure } from '#shared/failure.ts';
import { mayRead, type Principal } from '#shared/http/principal.ts';
import type { ExportRepository } from './export.repository.ts';
import type { Export } from './export.ts';

export interface ExportForDeps {
  exports: Pick<ExportRepository, 'find'>;
  now(): Date;
}

/**
 * The export that somebody asks for; another DJ's is as missing.
 * @throws Failure NOT_FOUND
 */
export async function exportFor(deps: ExportForDeps, principal: Principal, id: string): Promise<Export> {
  const found = await deps.exports.find(id, deps.now());
  if (found === undefined || !mayRead(principal, found.djProfileId))
    throw new Failure('NOT_FOUND', 'No export has this id');
  return found;
}
