import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTableEngine } from '#infra/local/table-engine.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    tableEndpoint: string;
    /** For what the test files of one run share. */
    runFolder: string;
  }
}

/** One table engine for all test files of a run: its start is what costs, tables are free. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await startTableEngine();
  const runFolder = await mkdtemp(join(tmpdir(), 'switchboard-tests-'));
  project.provide('tableEndpoint', engine.endpoint);
  project.provide('runFolder', runFolder);
  return async () => {
    await engine.stop();
    await rm(runFolder, { recursive: true, force: true });
  };
}
