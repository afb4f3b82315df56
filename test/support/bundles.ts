import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundle } from '#infra/bundle.ts';
import { onceARun } from './once-a-run.ts';

/** The bundles that are deployed and what each is made of, made once a run. */
export async function sharedBundles(): Promise<{ folder: string; metafile: Metafile }> {
  const made = await onceARun('bundles', async (folder) => {
    const metafile = await bundle(join(folder, 'bundles'));
    await writeFile(join(folder, 'metafile.json'), JSON.stringify(metafile));
  });
  const metafile = JSON.parse(await readFile(join(made, 'metafile.json'), 'utf8')) as Metafile;
  return { folder: join(made, 'bundles'), metafile };
}
