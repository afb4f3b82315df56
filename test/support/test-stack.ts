import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, inject } from 'vitest';
import { buildAssembly } from '#infra/local/assembly.ts';
import { clientId } from '#infra/local/identity.ts';
import { type Stack, type StackOptions, startStack } from '#infra/local/stack.ts';

/**
 * The whole system on free ports with a table of its own, stopped after the file's tests. Call it at the top of a
 * test file: `const stack = await testStack();`
 */
export async function testStack(options: Omit<StackOptions, 'portBase' | 'folder'> = {}): Promise<Stack> {
  const stack = await startStack({
    portBase: 0,
    folder: await mkdtemp(join(inject('runFolder'), 'stack-')),
    quiet: true,
    tableEndpoint: inject('tableEndpoint'),
    ...options,
    assembly: options.assembly ?? (await sharedAssembly()),
  });
  afterAll(() => stack.stop());
  return stack;
}

/** Bundles and templates are made once a run, by the first test file that needs them. */
export async function sharedAssembly(): Promise<string> {
  const folder = join(inject('runFolder'), 'app');
  const outcome = join(folder, 'outcome');
  try {
    await mkdir(folder);
  } catch {
    while (!existsSync(outcome)) await sleep(50);
  }
  if (!existsSync(outcome)) {
    const problem = await buildAssembly(folder, { audience: clientId }).then(
      () => '',
      (error: unknown) => String(error),
    );
    await writeFile(outcome, problem);
  }
  const problem = await readFile(outcome, 'utf8');
  if (problem) throw new Error(problem);
  return folder;
}
