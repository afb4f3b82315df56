import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

/** A folder that the first test file that wants it fills, and all others of the run find filled. */
export async function onceARun(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(inject('runFolder'), name);
  const outcome = join(folder, 'outcome');
  try {
    await mkdir(folder);
  } catch {
    while (!existsSync(outcome)) await sleep(50);
  }
  if (!existsSync(outcome)) {
    const problem = await fill(folder).then(
      () => '',
      (error: unknown) => String(error),
    );
    await writeFile(outcome, problem);
  }
  const problem = await readFile(outcome, 'utf8');
  if (problem) throw new Error(problem);
  return folder;
}
