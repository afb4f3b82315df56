import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTableEngine } from '#infra/local/table-engine.ts';
import { isDeep, seed } from './depth.ts';
import { testFiles } from './projects.ts';
import { unseenAnswers } from './seen-answers.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    tableEndpoint: string;
    /** For what the test files of one run share. */
    runFolder: string;
  }
}

/** One table engine and one folder for all test files of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await startTableEngine();
  const runFolder = await mkdtemp(join(tmpdir(), 'switchboard-tests-'));
  project.provide('tableEndpoint', engine.endpoint);
  project.provide('runFolder', runFolder);
  // What is made once a run is made anew after a change of the code.
  project.onTestsRerun(async () => {
    for (const name of await readdir(runFolder))
      await rm(join(runFolder, name), { recursive: true, force: true });
  });
  if (!isDeep)
    process.stdout.write(`What is tried often is sampled by seed ${seed}; npm run test:deep tries it all.\n`);
  return async () => {
    await engine.stop();
    const unseen = passedWhole(project) ? await unseenAnswers(runFolder) : [];
    await rm(runFolder, { recursive: true, force: true });
    if (unseen.length > 0)
      throw new Error(
        `No test has seen these answers, which docs/openapi.json documents:\n${unseen.join('\n')}`,
      );
  };
}

/** Whether every test of every file ran and passed: only then what was not seen tells something. */
function passedWhole({ vitest }: TestProject): boolean {
  const modules = vitest.state.getTestModules();
  const ran = new Set(modules.map(({ moduleId }) => moduleId));
  const all = Object.values(testFiles()).flat();
  return (
    all.every((file) => ran.has(join(vitest.config.root, file))) &&
    !modules.some((module) => module.state() === 'failed') &&
    vitest.config.testNamePattern === undefined
  );
}
